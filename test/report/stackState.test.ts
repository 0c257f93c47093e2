import { OperationalError } from "../../migration/engine/errors";
import { accessEnds, endsSoon, notFresh, readState } from "../../migration/report/stackState";

const HOUR_MS = 3_600_000;
const NOW_MS = Date.UTC(2026, 0, 31, 9);
const at = (hours: number) => new Date(NOW_MS + hours * HOUR_MS).toISOString();

function resource(kind: string, outputs: object, more: object = {}) {
  const type = `pulumi-nodejs:dynamic/landbridge:${kind}`;
  return { urn: `urn:pulumi:prod::landbridge::${type}::migration-${kind}`, type, outputs, ...more };
}

/** As `pulumi stack export` has it. Outputs outlive updates that fail, so they say what they said before. */
function stateOf(...resources: readonly object[]) {
  const type = "pulumi:pulumi:Stack";
  const outputs = { verdict: "equal", verifiedAt: at(-1), accessExpiresOn: at(40) };
  const root = { urn: `urn:pulumi:prod::landbridge::${type}::landbridge-prod`, type, outputs };
  return { version: 3, deployment: { manifest: {}, resources: [root, ...resources], pending_operations: [] } };
}

const copied = (outputs: object = {}, more: object = {}) =>
  resource("TableCopy", { complete: true, runId: "run-1", ...outputs }, more);
const verified = (outputs: object, more: object = {}) =>
  resource("TableVerification", { verdict: "equal", level: "full", afterRun: "run-1", ...outputs }, more);
const proven = (outputs: object, more: object = {}) => stateOf(copied(), verified(outputs, more));
const live = (outputs: object) => stateOf(copied({ phase: "drained", reachedPhase: "drained", ...outputs }));
const brought = (outputs: object) => stateOf(resource("HostReport", { verdict: "equal", level: "full", ...outputs }));
const opened = (...ends: readonly (string | undefined)[]) =>
  stateOf(...ends.map((expiresOn) => resource("TableSas", expiresOn === undefined ? {} : { expiresOn })));

const read = (state: unknown) => readState(JSON.stringify(state), "state.json");
const fresh = (state: unknown, levelMin: "full" | "count" = "full") =>
  notFresh(read(state), NOW_MS, { hoursMax: 24, levelMin });

describe("a proof that a teardown may go by", () => {
  it.each([
    ["of a copy", proven({ verifiedAt: at(-24) })],
    ["of a move without downtime", live({ verifiedAt: at(-23) })],
    ["brought by a host, whose access is closed", brought({ verifiedAt: at(-23), complete: true, runId: "run-1" })],
    ["brought by a host", stateOf(
      resource("HostRun", { runId: "run-1" }),
      resource("HostReport", { verdict: "equal", level: "full", complete: true, runId: "run-1", verifiedAt: at(-23) }),
    )],
  ])("is one %s that is recent enough", (_name, state) => {
    expect(fresh(state)).toBeUndefined();
  });

  const pending = proven({ verifiedAt: at(-1) });
  const cutOff = { ...pending, deployment: { ...pending.deployment, pending_operations: [{ type: "updating" }] } };
  const failing = { initErrors: ["not equal"] };

  it.each([
    ["an old one", proven({ verifiedAt: at(-25) }), /^The proof is of .*, 25\.0 h ago, and may be 24 h old at most/],
    ["a difference, though the outputs still say equal", proven({ verdict: "different", verifiedAt: at(-1) }, failing),
      /^migration-TableVerification says "different", which is no proof/],
    ["a verification that failed", proven({ verifiedAt: at(-1) }, failing), /its last run failed/],
    ["numbers of rows alone", proven({ verifiedAt: at(-1), level: "count" }), /at level "count", not full/],
    ["a sample", brought({ verifiedAt: at(-1), level: "sample" }), /at level "sample", not full/],
    ["one of the copy before the last", proven({ verifiedAt: at(-1), afterRun: "run-0" }), /were copied after that/],
    ["one before a copy that failed", stateOf(copied({ complete: false }), verified({ verifiedAt: at(-1) })),
      /The last run of migration-TableCopy did not end well/],
    ["one before a copy that ended in part", stateOf(copied({}, failing), verified({ verifiedAt: at(-1) })),
      /The last run of migration-TableCopy did not end well/],
    ["a host whose copy failed, after a refresh", brought({ verifiedAt: at(-1), complete: false }), /last run failed/],
    ["one of two moves", stateOf(copied(), verified({ verifiedAt: at(-1) }), verified({ verifiedAt: at(-30) })),
      /30\.0 h ago/],
    ["one before a host's run that brought nothing back", stateOf(
      resource("HostRun", { runId: "run-2" }),
      resource("HostReport", { verdict: "equal", level: "full", complete: true, runId: "run-1", verifiedAt: at(-1) }),
    ), /the host's run "run-2" after it brought no report back/],
    ["an update that was cut off", cutOff, /An update was cut off/],
    ["a live move that is not drained", live({ reachedPhase: "switched" }), /says "switched", which is no proof/],
    ["a live move whose last run failed", live({ complete: false, verifiedAt: at(-1) }), /last run failed/],
    ["a live move that reached nothing", stateOf(copied({ phase: "sync" })), /says nothing, which is no proof/],
    ["one without a time", proven({}), /Nothing says when/],
    ["one of a time that nobody can read", proven({ verifiedAt: "today" }), /Nothing says when/],
    ["a stack that was never applied", { version: 3, deployment: {} }, /The stack has no verdict/],
    ["one of tomorrow", proven({ verifiedAt: at(2) }), /still to come by this machine's clock/],
  ])("is not %s", (_name, state, said) => {
    expect(fresh(state)).toMatch(said);
  });

  it("may be of a lower level where that was asked for, and never of one that is not known", () => {
    expect(fresh(proven({ verifiedAt: at(-1), level: "count" }), "count")).toBeUndefined();
    expect(fresh(proven({ verifiedAt: at(-1), level: "none" }), "count")).toMatch(/at level "none"/);
  });

  it.each(["", "[]", '{"verdict":"equal"}', '{"deployment":null}'])("is not read from %j", (text) => {
    expect(() => readState(text, "outputs.json")).toThrow(OperationalError);
    expect(() => readState(text, "outputs.json")).toThrow(/^outputs\.json holds no stack's state\. Give what/);
  });
});

describe("access that is open", () => {
  const handedOver = (expiresOn: string) =>
    stateOf({ urn: "urn::a::b::source", type: "landbridge:azure:HandedOverAccess", outputs: { expiresOn } });

  it.each([
    ["ends soon", opened(at(5)), /its tokens' time ends at .*, in 5\.0 h\. Run `up`/],
    ["has one token that ends soon, though the outputs know of none", opened(at(50), at(5)), /in 5\.0 h/],
    ["has ended and was not torn down", opened(at(-3)), /ended at .*, 3\.0 h ago/],
    ["was opened in part", opened(undefined), /^migration-TableSas was opened in part, and nothing says until when/],
    ["was handed over and ends soon", handedOver(at(2)), /in 2\.0 h/],
  ])("is told of where it %s", (_name, state, said) => {
    expect(endsSoon(read(state), NOW_MS, 24)).toMatch(said);
  });

  it("is told of where an update was cut off: it may have opened more than the state knows", () => {
    const state = { deployment: { resources: [], pending_operations: [{ type: "creating" }] } };
    const said = endsSoon(readState(JSON.stringify(state), "the state"), NOW_MS, 24);
    expect(said).toMatch(/cut off.* not known\. Run `up`/);
  });

  it.each([
    ["has time enough", opened(at(24))],
    ["is closed", proven({})],
    ["was handed over, and nobody says until when", handedOver("set by a stored access policy")],
  ])("is not where it %s", (_name, state) => {
    expect(endsSoon(read(state), NOW_MS, 24)).toBeUndefined();
  });

  it("ends with its first token", () => {
    expect(accessEnds(read(opened(at(50), at(5), at(20))))).toBe(at(5));
  });
});
