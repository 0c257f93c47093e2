import * as pulumi from "@pulumi/pulumi";
import {
  FormerNetwork, HostReport, HostRun, KeyRotation, NetworkOpening, SourceFence, TableCopy, TableSas,
  TableVerification, type AccountRef,
} from "../../migration/resources";
import { hidesInSecrets, isSecret, record } from "../components/recorder";

const account: AccountRef = { kind: "azure", subscriptionId: "s", resourceGroup: "g", account: "contosotables" };
const both = {
  source: "sig=TOPSECRET", destination: "sig=TOPSECRET", tables: "all" as const, deletes: "report" as const,
  frozen: false, reportFolder: "reports",
};

async function declared() {
  return record(() => {
    const sas = new TableSas("sas", {
      account, tables: "all", purpose: "source", lifetimeHours: 72, createMissing: false, policyId: "landbridge-x",
    });
    const opening = new NetworkOpening("opening", { account, ipRanges: ["203.0.113.1"] });
    const rotation = new KeyRotation("rotation", { account, keyName: "key2" });
    const copy = new TableCopy("copy", { ...both, conflicts: "refuse" });
    const verification = new TableVerification("verification", { ...both, level: "full", afterRun: copy.runId });
    const report = new HostReport("report", {
      steps: ["copy", "verify"], outcomes: ["", ""], level: "full", tables: "all", frozen: false,
      reportFolder: "reports", host: "copy1",
    });
    const ours = { account, ipRanges: ["203.0.113.1"], subnetIds: [] };
    const former = new FormerNetwork("former", ours);
    const fence = new SourceFence("fence", {
      ...ours, mode: "both", keyName: "key2", tables: "all", sharedAccount: false, frozen: false,
    });
    const { source, destination } = both;
    const run = new HostRun("run", { asks: "copy", lastStep: "verify", reportFolder: "r", source, destination });
    return [sas, opening, rotation, verification, report, former, fence, run];
  });
}

describe("the resources that Pulumi sees", () => {
  it("keep their types: state names them, and a renamed type would be deleted and made anew", async () => {
    const recording = await declared();
    const types = recording.resources.filter(({ custom }) => custom).map(({ type }) => type);
    const known = [
      "FormerNetwork", "HostReport", "HostRun", "KeyRotation", "NetworkOpening", "SourceFence", "TableCopy",
      "TableSas", "TableVerification",
    ];
    expect(types.sort()).toEqual(known.map((name) => `pulumi-nodejs:dynamic/landbridge:${name}`));
  });

  it("mark every credential as a secret, whether it comes in or goes out", async () => {
    const recording = await declared();
    for (const type of [":TableCopy", ":TableVerification", ":HostRun"]) {
      const { inputs } = recording.one(type);
      expect([inputs["source"], inputs["destination"]].map(isSecret)).toEqual([true, true]);
      expect(hidesInSecrets(inputs, "TOPSECRET")).toBe(true);
    }
    expect(recording.one(":TableSas").additionalSecretOutputs).toEqual(["bundle"]);
    expect(recording.one(":HostRun").additionalSecretOutputs).toEqual(["credentials"]);
  });

  it("sign with key2 unless told otherwise, and open no subnet unless told", async () => {
    const recording = await declared();
    expect(recording.one(":TableSas").inputs).toMatchObject({ keyName: "key2" });
    expect(recording.one(":NetworkOpening").inputs).toMatchObject({ subnetIds: [] });
  });

  it("keep the options they are given besides their own", async () => {
    const recording = await record(() => {
      const parent = new pulumi.ComponentResource("test:index:Parent", "parent");
      const options = { parent, additionalSecretOutputs: ["tables"], protect: true };
      return new TableSas("sas", {
        account, tables: "all", purpose: "source", lifetimeHours: 1, createMissing: false, policyId: "landbridge-x",
      }, options);
    });
    const sas = recording.one(":TableSas");
    expect(sas.parent).toContain("test:index:Parent");
    expect(sas).toMatchObject({ protect: true, additionalSecretOutputs: ["tables", "bundle"] });
  });
});
