import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { formerUrns } from "../../../local/engine/alias";
import { newCrypter, openCrypter } from "../../../local/engine/crypter";
import { decide } from "../../../local/engine/decide";
import { deletionWaves } from "../../../local/engine/deletion";
import { ignoreChanges, parsePath } from "../../../local/engine/propertyPath";
import { propertyChanges } from "../../../local/engine/propertyChanges";
import type { ResourceState } from "../../../local/engine/resourceState";
import { SecretFilter } from "../../../local/engine/secretFilter";
import { lockState, StateFile } from "../../../local/engine/stateFile";
import { makeUrn, parseUrn } from "../../../local/engine/urn";
import {
  equal,
  hasSecret,
  makeSecret,
  markSecrets,
  stripReferences,
  stripSecrets,
  toProperties,
  UNKNOWN,
  type Properties,
  type Value,
} from "../../../local/engine/value";

const where = { stack: "dev", project: "p" };

function resource(name: string, more: Partial<ResourceState> = {}): ResourceState {
  const urn = makeUrn(where, "", "test:index:Thing", name);
  const common = { custom: true, inputs: {}, outputs: {}, dependencies: [], propertyDependencies: {} };
  return { urn, type: "test:index:Thing", id: name, ...common, ...more };
}

const json = fc.jsonValue({ maxDepth: 3 }).map((value) => value as Value);
const object = fc.dictionary(fc.string({ minLength: 1 }), json).map((value) => ({ ...value }) as Properties);

describe("property values", () => {
  it("lose their marks of secrecy and nothing else, however deep they lie", () => {
    fc.assert(fc.property(json, (value) => {
      const marked: Value = { a: [makeSecret(value), { b: makeSecret({ c: makeSecret(value) }) }] };
      expect(stripSecrets(marked)).toEqual({ a: [value, { b: { c: value } }] });
      expect(hasSecret(marked)).toBe(true);
      expect(hasSecret(stripSecrets(marked))).toBe(false);
    }));
  });

  it("are equal whatever the order of keys and whether they are secret, and different otherwise", () => {
    expect(equal({ a: 1, b: [{ c: 2, d: 3 }] }, { b: [{ d: 3, c: 2 }], a: 1 })).toBe(true);
    expect(equal({ a: makeSecret("x") }, { a: "x" })).toBe(true);
    expect(equal([1, 2], [2, 1])).toBe(false);
    expect(equal(undefined, null)).toBe(false);
  });

  it("keep own properties with awkward names", () => {
    const awkward = JSON.parse('{"__proto__": {"constructor": "x"}}') as Properties;
    expect(JSON.stringify(stripSecrets(awkward))).toBe('{"__proto__":{"constructor":"x"}}');
    expect(equal(awkward, {})).toBe(false);
  });

  it("make outputs as secret as the inputs of the same name, and as the program asks", () => {
    const part = { hidden: makeSecret("s"), plain: 1 };
    const inputs = { whole: makeSecret({ a: 1 }), part, list: [makeSecret("s")] };
    const outputs = { whole: { a: 1 }, part: { hidden: "s", plain: 1 }, list: ["s", "t"], token: "k", open: 1 };
    const marked = markSecrets(outputs, inputs, ["token"]);
    expect(marked).toEqual({
      whole: makeSecret({ a: 1 }),
      part: { hidden: makeSecret("s"), plain: 1 },
      list: makeSecret(["s", "t"]),
      token: makeSecret("k"),
      open: 1,
    });
  });

  it("turn references to resources into ids, unknown ones into unknowns, and components into URNs", () => {
    const sig = { "4dabf18193072939515e22adb298388d": "5cf8f73096256a8f31e491e813e4eb8e" };
    const refs = [{ ...sig, urn: "u", id: "i" }, { ...sig, urn: "u", id: "" }, { ...sig, urn: "u" }];
    expect(stripReferences(refs)).toEqual(["i", UNKNOWN, "u"]);
  });

  it("refuse what state cannot keep, and say where it is", () => {
    expect(() => toProperties({ a: [{ b: undefined }] }, "outs")).toThrow("outs.a[0].b is undefined");
    expect(() => toProperties({ a: () => 1 }, "outs")).toThrow("outs.a is function");
  });
});

describe("the state file", () => {
  const folder = mkdtempSync(join(tmpdir(), "landbridge-state-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("gives back what was written, secrets included, and holds none of them in the clear", () => {
    const file = join(folder, "deep", "state.json");
    const secret = "a secret of 31 characters, plain";
    const inputs = { a: makeSecret({ deep: [secret] }), b: 1 };
    const kept = resource("one", { inputs, outputs: { c: makeSecret(secret) } });
    new StateFile(file, "pass").write({ resources: [kept], pendingOperations: [] });
    const again = new StateFile(file, "pass");
    expect(again.opened.resources).toEqual([kept]);
    expect(JSON.stringify(again.show(again.opened, false))).not.toContain(secret);
    expect(JSON.stringify(again.show(again.opened, true))).toContain(secret);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(() => new StateFile(file, "other")).toThrow("The passphrase does not open");
  });

  it("is locked once at a time", () => {
    const file = join(folder, "locked.json");
    const release = lockState(file);
    expect(() => lockState(file)).toThrow(`Process ${process.pid} works on this stack`);
    release();
    lockState(file)();
  });

  it("encrypts the same value differently each time, and notices when it was changed", () => {
    const { crypter, salt } = newCrypter("pass");
    const [one, two] = [crypter.encrypt("value"), crypter.encrypt("value")];
    expect(one).not.toBe(two);
    expect(openCrypter("pass", salt, "it").decrypt(one)).toBe("value");
    const [version, nonce, sealed = ""] = two.split(":");
    const bytes = Buffer.from(sealed, "base64");
    bytes[0] = (bytes[0] ?? 0) ^ 1;
    expect(() => crypter.decrypt([version, nonce, bytes.toString("base64")].join(":"))).toThrow();
  });
});

describe("a decision", () => {
  const old = resource("one", { inputs: { size: 1, nested: { a: 1 } } });
  const diff = { replaces: [], deleteBeforeReplace: false };
  const same = { old, inputs: { size: 1, nested: { a: 1 } }, diff, replaceOnChanges: [] };

  it("follows the provider, and compares inputs where the provider does not say", () => {
    expect(decide(same)).toEqual({ op: "same" });
    expect(decide({ ...same, inputs: { size: 2 } })).toEqual({ op: "update" });
    expect(decide({ ...same, inputs: { size: 2 }, diff: { ...diff, changes: false } })).toEqual({ op: "same" });
    expect(decide({ ...same, diff: { ...diff, changes: true } })).toEqual({ op: "update" });
  });

  it("is to update what is incomplete", () => {
    expect(decide({ ...same, old: { ...old, initErrors: ["half"] } })).toEqual({ op: "update" });
  });

  it("is to replace what provider or program say, in the order that the program says", () => {
    const replaces = { ...diff, changes: true, replaces: ["size"], deleteBeforeReplace: true };
    expect(decide({ ...same, diff: replaces })).toEqual({ op: "replace", deleteBeforeReplace: true });
    const overruled = decide({ ...same, diff: replaces, deleteBeforeReplace: false });
    expect(overruled).toEqual({ op: "replace", deleteBeforeReplace: false });
    const inputs = { size: 1, nested: { a: 2 } };
    expect(decide({ ...same, inputs, replaceOnChanges: ["nested.a"] })).toMatchObject({ op: "replace" });
    expect(decide({ ...same, inputs, replaceOnChanges: ["size"] })).toEqual({ op: "update" });
    expect(decide({ ...same, inputs, replaceOnChanges: ["*"] })).toMatchObject({ op: "replace" });
  });
});

describe("property paths", () => {
  it("name keys, indexes, quoted keys and all of them, and nothing malformed", () => {
    expect(parsePath('a.b[0]["c.d"].*')).toEqual(["a", "b", 0, "c.d", "*"]);
    expect(() => parsePath("a[")).toThrow('"a[" is no property path');
    expect(() => parsePath("")).toThrow();
  });

  it("reset what is to be ignored, added and removed values too, and leave the rest", () => {
    const olds = { kept: 1, gone: 2, list: [{ a: 1, b: 1 }, { a: 2, b: 2 }] };
    const news = { kept: 9, added: 3, list: [{ a: 8, b: 8 }, { a: 9, b: 9 }], other: 4 };
    expect(ignoreChanges(news, olds, ["kept", "gone", "added", "list[*].a"])).toEqual({
      kept: 1,
      gone: 2,
      list: [{ a: 1, b: 8 }, { a: 2, b: 9 }],
      other: 4,
    });
  });
});

describe("the order of deletions", () => {
  it("deletes nothing that another one still needs, whatever the dependencies", () => {
    const graph = fc.array(fc.array(fc.nat(), { maxLength: 3 }), { minLength: 1, maxLength: 12 });
    fc.assert(fc.property(graph, (needs) => {
      const names = needs.map((_, index) => resource(`r${index}`).urn);
      // Only earlier ones are needed: a program cannot make a cycle.
      const all = needs.map((indexes, index) => {
        const dependencies = index === 0 ? [] : indexes.map((each) => names[each % index] ?? "");
        return resource(`r${index}`, { dependencies });
      });
      const gone = new Set<string>();
      for (const wave of deletionWaves(all)) {
        const left = all.filter(({ urn }) => !gone.has(urn) && !wave.some((doomed) => doomed.urn === urn));
        const needed = left.flatMap(({ dependencies }) => dependencies);
        for (const { urn } of wave) {
          expect(needed).not.toContain(urn);
          gone.add(urn);
        }
      }
      expect(gone.size).toBe(all.length);
    }));
  });

  it("keeps parents and providers until last, and says where state has a cycle", () => {
    const provider = resource("provider");
    const parent = resource("parent");
    const child = resource("child", { parent: parent.urn, provider: `${provider.urn}::id` });
    expect(deletionWaves([provider, parent, child])).toEqual([[child], [provider, parent]]);
    const [one, two] = [resource("one"), resource("two")];
    const cycle = [{ ...one, dependencies: [two.urn] }, { ...two, dependencies: [one.urn] }];
    expect(() => deletionWaves(cycle)).toThrow("cycle");
  });
});

describe("names", () => {
  it("carry the types of all parents but the stack, and can be read back", () => {
    const stack = makeUrn(where, "", "pulumi:pulumi:Stack", "p-dev");
    const parent = makeUrn(where, stack, "a:b:Group", "group");
    const child = makeUrn(where, parent, "c:d:Thing", "with::colons");
    expect(child).toBe("urn:pulumi:dev::p::a:b:Group$c:d:Thing::with::colons");
    const types = { type: "c:d:Thing", qualifiedType: "a:b:Group$c:d:Thing" };
    expect(parseUrn(child)).toMatchObject({ ...types, name: "with::colons" });
    expect(() => parseUrn("urn:of:nothing")).toThrow("is no URN");
  });

  it("are looked for under every name a resource had, alone and through its parent", () => {
    const parent = makeUrn(where, "", "a:b:Group", "team");
    const former = new Map([[parent, makeUrn(where, "", "a:b:Group", "group")]]);
    const child = { name: "team-child", type: "c:d:Thing", parent, aliases: [{ type: "c:d:Item" }] };
    expect(formerUrns(where, child, former)).toEqual([
      "urn:pulumi:dev::p::a:b:Group$c:d:Item::team-child",
      "urn:pulumi:dev::p::a:b:Group$c:d:Thing::group-child",
      "urn:pulumi:dev::p::a:b:Group$c:d:Item::group-child",
    ]);
    const aliases = [{ noParent: true }, { urn: "urn:pulumi:x::y::z::n" }];
    const lone = { name: "n", type: "c:d:Thing", parent, aliases };
    expect(formerUrns(where, lone, new Map())).toEqual(["urn:pulumi:dev::p::c:d:Thing::n", "urn:pulumi:x::y::z::n"]);
  });
});

describe("what people see", () => {
  it("never holds a secret, whole or in part, nor the tokens in a secret bundle", () => {
    const filter = new SecretFilter();
    const token = "sv=2019-02-02&sig=abc%2Fdef";
    const bundle = JSON.stringify({ account: "contoso", tables: { A: token } });
    filter.learn({ open: "visible!", bundle: makeSecret(bundle) });
    filter.learnText("configured-secret");
    const text = filter.apply(`visible! contoso A?${token} and configured-secret`);
    expect(text).toBe("visible! contoso A?[secret] and [secret]");
  });

  it("shows changes by path, without values of secrets and unknowns", () => {
    fc.assert(fc.property(object, (value) => expect(propertyChanges(value, value)).toEqual([])));
    const before = { a: makeSecret("old-secret"), list: [1], __provider: "code" };
    const after = { a: makeSecret("new-secret"), list: [1, UNKNOWN], b: { c: "x".repeat(300) }, __provider: "other" };
    const changes = propertyChanges(before, after);
    expect(changes.map(({ path, kind }) => `${kind} ${path}`)).toEqual(["change a", "add b", "add list[1]"]);
    expect(JSON.stringify(changes)).not.toMatch(/old-secret|new-secret/);
    expect(changes[2]?.after).toBe("[unknown]");
    expect(changes[1]?.after?.length).toBeLessThanOrEqual(200);
  });
});
