import { PolicyPack } from "@pulumi/policy";
import { POLICIES } from "./policies";

/** `pulumi up --policy-pack policy --policy-pack-config team.json`: the file may change every level and setting. */
new PolicyPack("landbridge", { enforcementLevel: "mandatory", policies: [...POLICIES] });
