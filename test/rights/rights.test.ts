import { readFileSync } from "node:fs";

import { CONTOSO, FABRIKAM, FABRIKAM_COSMOS } from "../../local/emulators";
import { withSection } from "../documents";
import { declare, rightsDeclared } from "./declared";
import { differences, GRANTS, missing, NONE, roleHas, ROLES, superfluous, TOKENS, type GrantName } from "./list";
import { lettersIn, rightsIn } from "./needs";
import { PAGE, sections } from "./page";
import type { Recorded } from "./recording";
import { commandLine, cosmosByKey, handedOverMove, managedMove } from "./scenarios";

/** A stack's runs take seconds each; with emulators, on a slow machine, minutes. */
const SCENARIO_MS_MAX = 900_000;

const SUBNET = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/n";
const NETWORK = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v";

function sorted(letters: string): string {
  return [...letters].sort().join("");
}

describe("a move between two storage accounts that both sides let us manage", () => {
  let recorded: Recorded;
  beforeAll(async () => void (recorded = await managedMove()), SCENARIO_MS_MAX);

  it("asks the source's management for what its side is told to grant, all of it and nothing else", () => {
    const needed = rightsIn(recorded, CONTOSO.subscriptionId, false);
    expect(missing(needed, ["source"])).toEqual([]);
    expect(superfluous(needed, "source")).toEqual([]);
  });

  it("asks the destination's management for what its side is told to grant, all of it and nothing else", () => {
    const needed = rightsIn(recorded, FABRIKAM.subscriptionId, true);
    expect(missing(needed, ["destination", "vault"])).toEqual([]);
    expect([...superfluous(needed, "destination"), ...superfluous(needed, "vault")]).toEqual([]);
  });

  it("uses every right of its tokens, and tries no other", () => {
    for (const [account, token] of [[CONTOSO.account, "source"], [FABRIKAM.account, "destination"]] as const) {
      const own = { ...recorded, data: recorded.data.filter(({ authority }) => authority === "tableSas") };
      const wanted = sorted(TOKENS[token].letters);
      expect({ account, ...lettersIn(own, account) }).toEqual({ account, asked: wanted, needed: wanted });
    }
  });

  it("reads with a key, for previews, and never writes with one", () => {
    const byKey = recorded.data.filter(({ authority }) => authority === "sharedKey" || authority === "accountSas");
    const writing = byKey.filter(({ operation }) => !/^(Query|Read)/.test(operation));
    expect(writing).toEqual([]);
  });

  it("is refused nowhere: no call failed for want of a right", () => {
    const refused = [...recorded.managed, ...recorded.data].filter(({ status }) => status === 401 || status === 403);
    expect(refused).toEqual([]);
  });
});

describe("a move with a SAS that the source's owner handed over, to an account that is there", () => {
  let recorded: Recorded;
  beforeAll(async () => void (recorded = await handedOverMove()), SCENARIO_MS_MAX);

  it("asks nothing of the source's management", () => {
    expect([...rightsIn(recorded, CONTOSO.subscriptionId, false)]).toEqual([]);
    const wanted = sorted(TOKENS.handedOver.letters);
    expect(lettersIn(recorded, CONTOSO.account)).toEqual({ asked: wanted, needed: wanted });
  });

  it("manages of the account what an existing one's owner is told to grant, all of it and nothing else", () => {
    const needed = rightsIn(recorded, FABRIKAM.subscriptionId, true);
    expect(missing(needed, ["existingAccount", "vault"])).toEqual([]);
    expect(superfluous(needed, "existingAccount")).toEqual([]);
  });
});

describe("a move to Cosmos DB by a key, and all of it taken down", () => {
  it("asks for what the page says, all of it and nothing else (without a key: the programs end to end)", async () => {
    const recorded = await cosmosByKey();
    const needed = rightsIn(recorded, FABRIKAM_COSMOS.subscriptionId, true);
    expect(differences(needed, ["cosmos", "vault", "schedule"], ["cosmos", "schedule", "vault"])).toEqual(NONE);
    const refused = [...recorded.managed, ...recorded.data].filter(({ status }) => status === 401 || status === 403);
    expect(refused).toEqual([]);
  }, SCENARIO_MS_MAX);
});

describe("landbridge copy, by an account SAS on each side", () => {
  it("uses every right that the page asks for, and no other", async () => {
    const recorded = await commandLine();
    expect(recorded.managed).toEqual([]);
    for (const [account, token] of [
      [CONTOSO.account, "commandLineSource"], [FABRIKAM.account, "commandLineDestination"],
    ] as const) {
      const wanted = sorted(TOKENS[token].letters);
      expect({ account, ...lettersIn(recorded, account) }).toEqual({ account, asked: wanted, needed: wanted });
    }
  }, SCENARIO_MS_MAX);
});

describe("what no stand-in carries out: resources as the program declares them", () => {
  const privateEndpoint = { subnetId: SUBNET, virtualNetworkId: NETWORK };
  const cosmos = { kind: "cosmos", account: "fabrikam-tables", privateEndpoint };
  const job = { kind: "containerJob", image: "r.example/landbridge:1.0.0" };
  const isSchedule = (urn: string) => /::schedule/.test(urn);
  const isPrivate = (urn: string) => /:network:|:privatedns:/.test(urn);

  it("needs for a private endpoint what the page says", async () => {
    const declared = rightsDeclared(await declare(cosmos), isPrivate);
    const needed = new Set([...declared].filter((right) => right.startsWith("Microsoft.Network/")));
    expect(missing(needed, ["privateEndpoint"])).toEqual([]);
    expect(superfluous(needed, "privateEndpoint")).toEqual([]);
  });

  it("needs for a schedule in Azure what the page says", async () => {
    const declared = rightsDeclared(await declare(cosmos, { phase: "sync", schedule: job }), isSchedule);
    const needed = new Set([...declared].filter((right) => !/^Microsoft\.Storage/.test(right)));
    expect(missing(needed, ["schedule"])).toEqual([]);
    expect(superfluous(needed, "schedule")).toEqual([]);
  });

  it("needs for a machine that copies what the page says", async () => {
    const host = {
      kind: "vm", internet: "nat", nodeUrl: "https://nodejs.org/dist/n.tar.gz", nodeSha256: "0".repeat(64),
      adminPublicKey: "ssh-ed25519 AAAAC3Nz",
    };
    const environment = { ipRanges: ["203.0.113.7"], sasIpRange: "any" };
    const recording = await declare({}, { runOn: "host", host, environment });
    const needed = rightsDeclared(recording, (urn) => /::(host-|landbridgehost$)/.test(urn));
    expect(missing(needed, ["machine"])).toEqual([]);
    expect(superfluous(needed, "machine")).toEqual([]);
  });
});

describe("the list of rights", () => {
  it("names roles that have every right of theirs", () => {
    const lacking = Object.entries(GRANTS).flatMap(([name, { roles, rights }]) => {
      const has = (right: typeof rights[number]) => roles.some((role) => {
        const known = ROLES[role];
        if (known === undefined) throw new Error(`${name} names the role ${role}, which roles does not have.`);
        return roleHas(known, right);
      });
      return rights.filter((right) => !has(right)).map(({ right }) => `${name}: ${right}`);
    });
    expect(lacking).toEqual([]);
  });

  it("is shown by the page as it is (node --require tsx/cjs test/rights/page.ts writes it there)", () => {
    const page = readFileSync(PAGE, "utf8");
    for (const [name, body] of Object.entries(sections())) expect(withSection(page, name, body)).toBe(page);
  });

  it("calls a right that is dropped missing, and one that is added superfluous", () => {
    const names: readonly GrantName[] = ["source"];
    const listed = GRANTS.source.rights.filter(({ elsewhere }) => elsewhere === undefined).map(({ right }) => right);
    expect(missing([...listed, "Microsoft.Storage/storageAccounts/delete"], names))
      .toEqual(["Microsoft.Storage/storageAccounts/delete"]);
    expect(superfluous(listed.slice(1), "source")).toEqual([listed[0]]);
    expect(superfluous(listed.map((right) => right.toLowerCase()), "source")).toEqual([]);
  });
});
