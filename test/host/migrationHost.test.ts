import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import * as pulumi from "@pulumi/pulumi";

import { MigrationHost, type MigrationHostArgs } from "../../components/migrationHost";
import { record } from "../components/recorder";

/** The bundle is built each time. */
jest.setTimeout(240_000);

const HOST_KEY = `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5${"A".repeat(48)}`;
const OPENED = ["Cities", "Rivers", "Lakes"];

let folder: string;
let before: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "landbridge-migration-host-"));
  before = process.cwd();
  process.chdir(folder);
});
afterAll(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true, force: true });
});

/** The vault as a component with one resource in it, as a role assignment is. */
class Vault extends pulumi.ComponentResource {
  readonly role: pulumi.CustomResource;

  constructor() {
    super("test:index:Vault", "vault", {});
    this.role = new (class extends pulumi.CustomResource {})("test:index:Role", "role", {}, { parent: this });
    this.registerOutputs({});
  }
}

function declare(tables: MigrationHostArgs["tables"], credentials: "standardInput" | "vault") {
  return record(() => {
    const side = {
      bundle: pulumi.secret("{}"),
      expiresOn: pulumi.output("2026-01-31T00:00:00Z"),
      // Everything that the credential opens, which may be more than is moved.
      tables: pulumi.output(OPENED),
      grant: pulumi.output("read"),
    };
    const at = { address: "copy1.contoso.com", port: 22, user: "mover", hostKey: HOST_KEY };
    return new MigrationHost("host", {
      host: { kind: "ssh", ...at, node: "node", credentials },
      keys: {},
      access: { source: side, destination: side },
      secretUris: pulumi.output({ source: "https://v.vault.azure.net/secrets/s", destination: "https://v/d" }),
      vault: new Vault(),
      tables,
      deletes: "report",
      conflicts: "refuse",
      verification: "full",
      sampleRows: 1000,
      reportFolder: ".landbridge/reports",
    });
  });
}

describe("a host that copies", () => {
  it("has to tell of the tables that are moved, not of all that a handed-over credential opens", async () => {
    const named = await declare([{ table: "Cities" }], "standardInput");
    expect(named.one("HostReport").inputs["tables"]).toEqual(["Cities"]);
    const all = await declare("all", "standardInput");
    expect(all.one("HostReport").inputs["tables"]).toEqual(OPENED);
  });

  it("is told nothing before it may read the vault, where it reads from there", async () => {
    const runs = async (credentials: "standardInput" | "vault") => {
      const recording = await declare("all", credentials);
      const { urn } = recording.one("test:index:Role");
      return ["copy", "verify"].map((step) => {
        return recording.one("remote:Command", `host-ssh-${step}`).dependencies.includes(urn);
      });
    };
    expect(await runs("vault")).toEqual([true, true]);
    expect(await runs("standardInput")).toEqual([false, false]);
  });
});
