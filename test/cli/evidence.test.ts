import { generateKeyPairSync } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";

import { realPorts } from "../../migration/run/ports";
import { World } from "./world";

const { privateKey, publicKey } = generateKeyPairSync("ed25519", {
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
  publicKeyEncoding: { type: "spki", format: "pem" },
});
const inside = privateKey.split("\n")[1] ?? "";

describe("evidence", () => {
  let world: World;
  let report: string;
  let key: string;

  beforeEach(async () => {
    world = await World.start();
    await world.put("source", "Cities", [{ PartitionKey: "FR", RowKey: "1", name: "Paris" }]);
    report = world.file("report.json");
    key = world.file("evidence.pub");
    writeFileSync(key, publicKey);
  });
  afterEach(() => world.stop());

  const signing = { LANDBRIDGE_SIGNING_KEY: privateKey };
  const copy = (env: Readonly<Record<string, string>> = signing) =>
    world.cli(["copy", "--all", "--report", report], { env: { ...world.env, ...env } });
  const check = (...more: readonly string[]) => world.cli(["report", report, "--check", "--public-key", key, ...more]);

  it("is signed as a run ends, and verified later by whoever has the public key", async () => {
    const copied = await copy();
    expect(copied.exitCode).toBe(0);
    expect(copied.stdout).toContain(`Signature ${report}.jws`);
    const checked = await check();
    expect(checked.exitCode).toBe(0);
    expect(checked.stdout).toMatch(/It ended at 20\d\d-.*Z, \d+s ago\./);
    expect(checked.stdout).toMatch(/Signed by the key [\w-]{43}, and unchanged since: the signature is valid\./);
    const files = [report, `${report}.jws`].map((file) => readFileSync(file, "utf8"));
    expect([copied.stdout, copied.stderr, ...files].join("\n")).not.toContain(inside);
  });

  it("does not let a changed report pass, though its hash was made to fit, nor one without a signature", async () => {
    await copy({});
    const missing = await check();
    expect(missing.exitCode).toBe(2);
    expect(missing.stderr).toMatch(/report\.json\.jws cannot be read .* have the report signed/);
    const unsigned = readFileSync(report);
    await world.put("source", "Cities", [{ PartitionKey: "FR", RowKey: "2", name: "Lyon" }]);
    await copy();
    expect((await check()).exitCode).toBe(0);
    writeFileSync(report, unsigned);
    const swapped = await check();
    expect(swapped.exitCode).toBe(2);
    expect(swapped.stderr).toContain("is of another report");
  });

  it("is not equal enough where only numbers were compared, for who asks for every row", async () => {
    expect((await copy()).exitCode).toBe(0);
    expect((await check("--level", "full")).exitCode).toBe(0);
    const verify = ["verify", "--all", "--verify", "count", "--report", report];
    expect((await world.cli(verify, { env: { ...world.env, ...signing } })).exitCode).toBe(0);
    expect((await check()).exitCode).toBe(0);
    expect((await check("--level", "count")).exitCode).toBe(0);
    const { exitCode, stderr } = await check("--level", "full");
    expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/compared at level count, and full is asked for/)]);
    expect((await world.cli(["copy", "--all", "--dry-run", "--report", report])).exitCode).toBe(0);
    expect((await world.cli(["report", report, "--check", "--level", "count"])).stderr).toContain("by a dry run");
  });

  it("is not overwritten by a page, or by a signature that goes astray", async () => {
    await copy();
    const before = readFileSync(report, "utf8");
    for (const html of [report, `${report}.jws`, key]) {
      const refused = await check("--html", html);
      expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringContaining("Give it a path of its own")]);
    }
    const onto = await world.cli(["report", report, "--sign", "--signature", report], { env: signing });
    expect(onto.exitCode).toBe(2);
    expect(readFileSync(report, "utf8")).toBe(before);
    expect((await check()).exitCode).toBe(0);
    const elsewhere = world.file("mine.jws");
    const signed = await world.cli(["report", report, "--sign", "--signature", elsewhere], { env: signing });
    expect(signed.stdout).toContain(`Signed: ${elsewhere}`);
    expect((await check("--signature", elsewhere)).exitCode).toBe(0);
  });

  it("says that a signature was not checked where there is no key to trust", async () => {
    await copy();
    const told = await world.cli(["report", report, "--check"]);
    expect(told.exitCode).toBe(0);
    expect(told.stdout).toContain("was not checked");
    expect(told.stdout).not.toContain("valid");
  });

  it("is made afterwards for a report that has none, and not without a key", async () => {
    await copy({});
    const without = await world.cli(["report", report, "--sign"], { env: {} });
    expect(without).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("LANDBRIDGE_SIGNING_KEY") as string });
    const file = world.file("evidence.pem");
    writeFileSync(file, privateKey);
    const signed = await world.cli(["report", report, "--sign"], { env: { LANDBRIDGE_SIGNING_KEY_FILE: file } });
    expect(signed.exitCode).toBe(0);
    expect((await check()).exitCode).toBe(0);
  });

  it("goes where it is told to, and is looked for there", async () => {
    await copy({});
    const elsewhere = world.file("elsewhere.jws");
    const argv = ["report", report, "--sign", "--signature", elsewhere, "--public-key", key];
    const signed = await world.cli(argv, { env: signing });
    expect(signed).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(`Signed: ${elsewhere}`) as string });
    expect(signed.stdout).toContain("the signature is valid");
    expect(() => readFileSync(`${report}.jws`)).toThrow(/ENOENT/);
  });

  it("refuses a key that cannot sign before anything is copied", async () => {
    const broken = await copy({ LANDBRIDGE_SIGNING_KEY: privateKey.slice(0, -40) });
    expect(broken.exitCode).toBe(2);
    expect(broken.stderr).toContain("LANDBRIDGE_SIGNING_KEY holds no private key that can be read");
    expect(broken.stderr).not.toContain(inside);
    expect(world.writes).toBe(0);
  });

  it("counts a run whose report could not be signed as unfinished, and says how to sign it", async () => {
    const openSigner: typeof realPorts.openSigner = async (text) => {
      const signer = await realPorts.openSigner(text);
      return { ...signer, sign: () => Promise.resolve(new Uint8Array(64)) };
    };
    const failed = await world.cli(["copy", "--all", "--report", report],
      { env: { ...world.env, ...signing }, ports: { openSigner } });
    expect(failed.exitCode).toBe(3);
    expect(failed.stderr).toContain(`landbridge report ${report} --sign`);
  });
});
