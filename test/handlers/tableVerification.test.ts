import { generateKeyPairSync } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { PartialResult, type Properties } from "../../migration/handlers/handler";
import { tableCopyHandler } from "../../migration/handlers/tableCopy";
import { tableVerificationHandler } from "../../migration/handlers/tableVerification";
import { checkReport } from "../../migration/report/check";
import { checkEvidence } from "../../migration/report/evidence/evidence";
import { readPublicKey } from "../../migration/report/evidence/publicKey";
import { UNKNOWN } from "../../migration/handlers/unknown";
import { holdsSecret, moveWorld } from "./moveWorld";

async function setUp() {
  const world = moveWorld();
  for (let at = 0; at < 3; at += 1) await world.put(world.source, `r${at}`, at);
  const { outs } = await tableCopyHandler(world.ports).create(world.inputs);
  const inputs: Properties = { ...world.inputs, level: "full", sampleRows: 1000, afterRun: outs["runId"] };
  return { world, handler: tableVerificationHandler(world.ports), inputs };
}

async function failing(work: Promise<unknown>): Promise<PartialResult> {
  const error = await work.then(() => undefined, (caught: unknown) => caught);
  expect(error).toBeInstanceOf(PartialResult);
  return error as PartialResult;
}

describe("TableVerification", () => {
  it("proves equality with a report, and keeps no credential", async () => {
    const { handler, inputs } = await setUp();
    const { id, outs } = await handler.create(inputs);
    expect(outs).toMatchObject({ verdict: "equal", summary: expect.stringMatching(/^Every row is equal/) });
    expect(existsSync(outs["reportPath"] as string)).toBe(true);
    expect(holdsSecret(outs)).toBe(false);
    expect(await handler.diff(id, outs, { ...inputs, source: "renewed" })).toEqual({ changes: false });
  });

  it("verifies once more when asked to with a new word, and not when the word is gone again", async () => {
    const { handler, inputs } = await setUp();
    const { id, outs } = await handler.create({ ...inputs, again: "77-1" });
    expect(await handler.diff(id, outs, { ...inputs, again: "77-1" })).toEqual({ changes: false });
    expect(await handler.diff(id, outs, { ...inputs, again: "78-1" })).toEqual({ changes: true });
    expect(await handler.diff(id, outs, inputs)).toEqual({ changes: false });
  });

  it("signs its report where the stack names a key, and fails before it reads where the key is not there", async () => {
    const { world, handler, inputs } = await setUp();
    const { privateKey, publicKey } = generateKeyPairSync("ed25519");
    const signingKey = join(dirname(world.inputs["reportFolder"] as string), "evidence.pem");
    const refusal = /signingKey names the file .*evidence\.pem/;
    await expect(handler.create({ ...inputs, signingKey })).rejects.toThrow(refusal);
    writeFileSync(signingKey, privateKey.export({ type: "pkcs8", format: "pem" }));
    const { outs } = await handler.create({ ...inputs, signingKey });
    const file = outs["reportPath"] as string;
    const report = checkReport(readFileSync(file, "utf8"), file);
    const key = readPublicKey(publicKey.export({ type: "spki", format: "pem" }).toString(), "evidence.pub");
    expect(checkEvidence(report, readFileSync(`${file}.jws`, "utf8"), `${file}.jws`, key).verdict).toBe("equal");
    expect(holdsSecret(outs)).toBe(false);
  });

  it("verifies anew after every run that copied, after a changed setting, and while it is not known", async () => {
    const { handler, inputs } = await setUp();
    const { outs } = await handler.create(inputs);
    for (const change of [{ afterRun: "another" }, { afterRun: UNKNOWN }, { level: "count" }, { deletes: "accept" }]) {
      expect(await handler.diff("id", outs, { ...inputs, ...change })).toEqual({ changes: true });
    }
  });

  it("fails with table, counts, the first differences and how to see the rest, and keeps what it found", async () => {
    const { world, handler, inputs } = await setUp();
    await world.put(world.destination, "r1", 666);
    await world.put(world.destination, "extra", 1);
    await world.put(world.source, "late", 1);
    const error = await failing(handler.create(inputs));
    expect(error.message).toMatch(/Cities: 1 missing, 1 extra, 1 different \(4 source rows, 4 destination rows\)/);
    expect(error.message).toMatch(/missing \("p", "late"\)/);
    expect(error.message).toMatch(/different \("p", "r1"\): "population"/);
    expect(error.message).toMatch(/open .*-verify\.html, or run `landbridge verify --tables Cities --differences/);
    expect(error.message).not.toMatch(/666/);
    expect(error.properties).toMatchObject({ __provider: "text", verdict: "different" });
    expect(holdsSecret(error.properties) || holdsSecret(error.message)).toBe(false);
    expect(await handler.diff(error.id, error.properties, inputs)).toEqual({ changes: true });
  });

  it("passes once the difference is put right", async () => {
    const { world, handler, inputs } = await setUp();
    await world.put(world.destination, "r1", 666);
    const error = await failing(handler.create(inputs));
    await world.put(world.destination, "r1", 1);
    const { outs } = await handler.update(error.id, error.properties, inputs);
    expect(outs).toMatchObject({ verdict: "equal" });
  });

  it("does not call a destination equal that cannot be read", async () => {
    const { world, handler, inputs } = await setUp();
    await world.destination.deleteTable("Cities");
    const error = await handler.create(inputs).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(Error);
    expect((error as Error).message).toMatch(/Cities/);
  });

  it("keeps its last verdict while frozen, and is not begun then", async () => {
    const { world, handler, inputs } = await setUp();
    const { outs } = await handler.create(inputs);
    world.requests.length = 0;
    const frozen = { ...inputs, source: "", destination: "", frozen: true, afterRun: "other" };
    expect((await handler.check(inputs, frozen)).failures).toEqual([]);
    expect(await handler.diff("id", outs, frozen)).toEqual({ changes: false });
    expect((await handler.update("id", outs, frozen)).outs).toEqual({ ...outs, frozen: true });
    expect((await handler.check({}, frozen)).failures).toMatchObject([{ property: "frozen" }]);
    await expect(handler.create(frozen)).rejects.toMatchObject({ code: "Frozen" });
    expect(world.requests).toEqual([]);
  });

  it("takes nothing away when it is deleted or refreshed", async () => {
    const { handler, inputs } = await setUp();
    const { id, outs } = await handler.create(inputs);
    expect(await handler.read(id, outs)).toEqual({ id, props: outs });
    await expect(handler.delete(id, outs)).resolves.toBeUndefined();
  });

  it("looks at no value that is not known yet", async () => {
    const { world, handler, inputs } = await setUp();
    world.requests.length = 0;
    const unknown = { ...inputs, source: UNKNOWN, destination: UNKNOWN, tables: UNKNOWN, afterRun: UNKNOWN };
    expect((await handler.check({}, unknown)).failures).toEqual([]);
    expect(await handler.diff("id", {}, unknown)).toEqual({ changes: true });
    expect(world.requests).toEqual([]);
  });
});
