import { sign, SimulatedTableService } from "./index";
import { RawClient, rowPath } from "./rawClient";

const KEY = Buffer.from("key one").toString("base64");
const KEY2 = Buffer.from("key two").toString("base64");
const NOW = Date.UTC(2026, 0, 1, 12);
const iso = (offsetMs: number) => new Date(NOW + offsetMs).toISOString().replace(".000", "");
const HOUR = 3_600_000;

type Fields = Readonly<Record<string, string | undefined>>;

function encode(fields: Fields): string {
  return Object.entries(fields)
    .filter((field): field is [string, string] => field[1] !== undefined)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join("&");
}

/** An account SAS, valid in every respect but for what `changes` says. */
function accountSas(changes: Fields = {}, key = KEY): string {
  const fields: Fields = {
    sv: "2019-02-02", ss: "t", srt: "sco", sp: "rwdlacu", st: iso(-HOUR), se: iso(HOUR), ...changes,
  };
  const of = (name: string) => fields[name] ?? "";
  const scope = of("sv") >= "2020-12-06" ? [""] : [];
  const text = [
    "contoso", of("sp"), of("ss"), of("srt"), of("st"), of("se"), of("sip"), of("spr"), of("sv"), ...scope, "",
  ];
  return encode({ ...fields, sig: sign(text.join("\n"), key) });
}

/** A table SAS, likewise. */
function tableSas(changes: Fields = {}, key = KEY): string {
  const fields: Fields = { sv: "2019-02-02", tn: "Rows", sp: "raud", se: iso(HOUR), ...changes };
  const of = (name: string) => fields[name] ?? "";
  const text = [
    of("sp"), of("st"), of("se"), `/table/contoso/${of("tn").toLowerCase()}`, of("si"), of("sip"), of("spr"), of("sv"),
    of("spk"), of("srk"), of("epk"), of("erk"),
  ];
  return encode({ ...fields, sig: sign(text.join("\n"), key) });
}

describe("credentials of the simulated table service", () => {
  let service: SimulatedTableService;
  let client: RawClient;
  let nowMs: number;

  beforeEach(() => {
    nowMs = NOW;
    const now = () => nowMs;
    service = new SimulatedTableService({ accounts: [{ name: "contoso", key: KEY, key2: KEY2 }], now });
    client = new RawClient(service, "contoso", now);
    const keys = [["a", "1"], ["b", "1"], ["b", "2"], ["c", "1"]] as const;
    const rows = keys.map(([partitionKey, rowKey]) => ({ partitionKey, rowKey, properties: new Map() }));
    service.account("contoso").seed("Rows", rows);
    service.account("contoso").createTable("Other");
  });

  const read = (sas: string, options: { remoteAddress?: string; secure?: boolean } = {}) =>
    client.send("GET", "/Rows()", { sas, ...options });

  describe("shared key", () => {
    function authorized(headers: Readonly<Record<string, string>>, path = "/Rows()") {
      return client.send("GET", path, { headers });
    }
    const date = new Date(NOW).toUTCString();

    it("takes SharedKey and SharedKeyLite, by either key", async () => {
      const full = `GET\n\napplication/json\n${date}\n/contoso/Rows()`;
      for (const key of [KEY, KEY2]) {
        const authorization = `SharedKey contoso:${sign(full, key)}`;
        expect((await authorized({ authorization })).status).toBe(200);
        const lite = `SharedKeyLite contoso:${sign(`${date}\n/contoso/Rows()`, key)}`;
        expect((await authorized({ authorization: lite })).status).toBe(200);
      }
    });

    it.each([
      ["a wrong key", `SharedKeyLite contoso:${sign(`${date}\n/contoso/Rows()`, "AAAA")}`],
      ["another path", `SharedKeyLite contoso:${sign(`${date}\n/contoso/Other()`, KEY)}`],
      ["another account's name", `SharedKeyLite fabrikam:${sign(`${date}\n/contoso/Rows()`, KEY)}`],
      ["an unknown scheme", "Basic abc"],
    ])("refuses %s", async (_title, authorization) => {
      expect(await authorized({ authorization })).toMatchObject({ status: 403, code: "AuthenticationFailed" });
    });

    it("refuses a date more than 15 minutes off", async () => {
      const old = new Date(NOW - 16 * 60_000).toUTCString();
      const authorization = `SharedKeyLite contoso:${sign(`${old}\n/contoso/Rows()`, KEY)}`;
      const answer = await authorized({ "x-ms-date": old, authorization });
      expect(answer).toMatchObject({ status: 403, code: "AuthenticationFailed" });
    });

    it("refuses what an old key signed, once it was regenerated, and takes the other key still", async () => {
      service.account("contoso").regenerateKey("key1");
      expect((await read(accountSas())).status).toBe(403);
      expect((await read(accountSas({}, KEY2))).status).toBe(200);
    });
  });

  describe("account SAS", () => {
    it.each(["2019-02-02", "2020-12-06", "2022-11-02"])("is taken in version %s", async (sv) => {
      expect((await read(accountSas({ sv }))).status).toBe(200);
    });

    it.each<[string, Fields, string]>([
      ["an expired one", { se: iso(-1) }, "AuthenticationFailed"],
      ["one that has not begun", { st: iso(HOUR / 2) }, "AuthenticationFailed"],
      ["no expiry", { se: undefined }, "AuthenticationFailed"],
      ["no permissions", { sp: undefined }, "AuthenticationFailed"],
      ["unknown permissions", { sp: "rz" }, "AuthenticationFailed"],
      ["an old version", { sv: "2014-02-14" }, "AuthenticationFailed"],
      ["another service", { ss: "b" }, "AuthorizationServiceMismatch"],
      ["another resource type", { srt: "sc" }, "AuthorizationResourceTypeMismatch"],
      ["too few permissions", { sp: "wdlacu" }, "AuthorizationPermissionMismatch"],
      ["another address", { sip: "10.0.0.1" }, "AuthorizationSourceIPMismatch"],
      ["two addresses", { sip: "127.0.0.1,10.0.0.1" }, "AuthenticationFailed"],
      ["plain HTTP where https is signed", { spr: "https" }, "AuthorizationProtocolMismatch"],
    ])("refuses %s", async (_title, changes, code) => {
      expect(await read(accountSas(changes))).toMatchObject({ status: 403, code });
    });

    it.each(["sv", "ss", "srt", "sp", "st", "se", "sip", "spr"])("signs %s: a change breaks it", async (name) => {
      const valid = accountSas({ sip: "127.0.0.1", spr: "https,http" });
      expect((await read(valid)).status).toBe(200);
      const changed: Fields = {
        sv: "2018-03-28", ss: "bt", srt: "co", sp: "rwdl", st: iso(-2 * HOUR), se: iso(2 * HOUR),
        sip: "127.0.0.0-127.0.0.9", spr: "https",
      };
      const instead = `$1${name}=${encodeURIComponent(changed[name] ?? "")}`;
      const tampered = valid.replace(new RegExp(`(^|&)${name}=[^&]*`), instead);
      expect(tampered).not.toBe(valid);
      expect(await read(tampered)).toMatchObject({ status: 403, code: "AuthenticationFailed" });
    });

    it("takes its address range and its protocol", async () => {
      const ranged = accountSas({ sip: "10.0.0.1-10.0.0.9", spr: "https" });
      expect((await read(ranged, { remoteAddress: "10.0.0.5", secure: true })).status).toBe(200);
      expect((await read(ranged, { remoteAddress: "10.0.0.10", secure: true })).status).toBe(403);
    });

    it.each([
      ["GET", "/Tables", "", "c", "l"],
      ["POST", "/Tables", '{"TableName":"Fresh"}', "c", "c"],
      ["DELETE", "/Tables('Other')", "", "c", "d"],
      ["GET", "/Rows()", "", "o", "r"],
      ["POST", "/Rows", '{"PartitionKey":"z","RowKey":"z"}', "o", "a"],
      ["PUT", rowPath("Rows", "z", "z"), "{}", "o", "au"],
      ["MERGE", rowPath("Rows", "z", "z"), "{}", "o", "au"],
    ])("lets %s %s pass with just the rights it needs, and with none less", async (method, path, body, srt, sp) => {
      const send = (fields: Fields) => client.send(method, path, { body, sas: accountSas(fields) });
      for (const missing of sp) {
        const less = await send({ srt, sp: "rwdlacu".replace(missing, "").replace(missing === "c" ? "w" : "-", "") });
        expect(less).toMatchObject({ status: 403, code: "AuthorizationPermissionMismatch" });
      }
      const other = await send({ srt: srt === "c" ? "so" : "sc", sp: "rwdlacu" });
      expect(other).toMatchObject({ status: 403, code: "AuthorizationResourceTypeMismatch" });
      expect((await send({ srt, sp })).status).toBeLessThan(300);
    });

    it("never reads or writes access policies", async () => {
      const answer = await client.send("GET", "/Rows", { query: "comp=acl", sas: accountSas() });
      expect(answer).toMatchObject({ status: 403, code: "AuthorizationFailure" });
    });
  });

  describe("table SAS", () => {
    it("opens its table only, and neither lists nor creates nor deletes tables", async () => {
      expect((await read(tableSas())).status).toBe(200);
      expect((await read(tableSas({ tn: "rows" }))).status).toBe(200);
      for (const [method, path] of [["GET", "/Other()"], ["GET", "/Tables"], ["DELETE", "/Tables('Rows')"]] as const) {
        const answer = await client.send(method, path, { sas: tableSas() });
        expect(answer).toMatchObject({ status: 403, code: "AuthorizationFailure" });
      }
    });

    it.each<[string, Fields, string]>([
      ["an expired one", { se: iso(0) }, "AuthenticationFailed"],
      ["permissions out of order", { sp: "ar" }, "AuthenticationFailed"],
      ["a missing read right", { sp: "aud" }, "AuthorizationPermissionMismatch"],
      ["an unknown policy", { si: "nobody" }, "AuthenticationFailed"],
      ["a row key bound without its partition", { srk: "1" }, "AuthenticationFailed"],
    ])("refuses %s", async (_title, changes, code) => {
      expect(await read(tableSas(changes))).toMatchObject({ status: 403, code });
    });

    it("shows and takes only rows of its key range", async () => {
      const ranged = tableSas({ spk: "b", srk: "1", epk: "b", erk: "1" });
      expect((await read(ranged)).text.match(/"PartitionKey"/g)).toHaveLength(1);
      const insert = (PartitionKey: string) =>
        client.send("POST", "/Rows", { sas: ranged, body: JSON.stringify({ PartitionKey, RowKey: "9" }) });
      expect(await insert("c")).toMatchObject({ status: 403, code: "AuthorizationFailure" });
      const outside = await client.get("Rows", "b", "2", { sas: ranged });
      expect(outside).toMatchObject({ status: 403, code: "AuthorizationFailure" });
      expect((await client.get("Rows", "b", "1", { sas: ranged })).status).toBe(200);
    });
  });

  describe("stored access policies", () => {
    const setPolicies = (inner: string) =>
      client.send("PUT", "/Rows", {
        query: "comp=acl",
        body: `<?xml version="1.0" encoding="utf-8"?><SignedIdentifiers>${inner}</SignedIdentifiers>`,
      });
    const policy = (id: string, fields: string) =>
      `<SignedIdentifier><Id>${id}</Id><AccessPolicy>${fields}</AccessPolicy></SignedIdentifier>`;
    const full = `<Start>${iso(-HOUR)}</Start><Expiry>${iso(HOUR)}</Expiry><Permission>r</Permission>`;
    const named = (changes: Fields = {}) => tableSas({ sp: undefined, se: undefined, si: "ours", ...changes });

    it("lend a token start, expiry and permissions, until they are removed", async () => {
      expect((await setPolicies(policy("ours", full))).status).toBe(204);
      expect((await read(named())).status).toBe(200);
      const write = await client.send("PUT", rowPath("Rows", "z", "z"), { body: "{}", sas: named() });
      expect(write).toMatchObject({ status: 403, code: "AuthorizationPermissionMismatch" });
      nowMs += 2 * HOUR;
      expect(await read(named())).toMatchObject({ status: 403, code: "AuthenticationFailed" });
      nowMs = NOW;
      await setPolicies("");
      expect(await read(named())).toMatchObject({ status: 403, code: "AuthenticationFailed" });
    });

    it.each<[string, Fields]>([
      ["expiry", { se: iso(HOUR) }], ["start", { st: iso(-HOUR) }], ["permissions", { sp: "r" }],
    ])("refuse a token that repeats their %s", async (_title, changes) => {
      await setPolicies(policy("ours", full));
      expect(await read(named(changes))).toMatchObject({ status: 403, code: "AuthenticationFailed" });
    });

    it("refuse a token where neither names an expiry", async () => {
      await setPolicies(policy("ours", "<Permission>r</Permission>"));
      expect((await read(named())).status).toBe(403);
      expect((await read(named({ se: iso(HOUR) }))).status).toBe(200);
    });

    it("are five at most, each name once, and replaced as a whole", async () => {
      const ids = (count: number) => Array.from({ length: count }, (_, n) => policy(`p${n}`, full)).join("");
      expect((await setPolicies(ids(5))).status).toBe(204);
      expect(await setPolicies(ids(6))).toMatchObject({ status: 400, code: "InvalidXmlDocument" });
      expect(await setPolicies(policy("a", full) + policy("a", full))).toMatchObject({ status: 400 });
      const { text } = await client.send("GET", "/Rows", { query: "comp=acl" });
      expect(text.match(/<Id>/g)).toHaveLength(5);
      expect(text).toContain(`<Start>${iso(-HOUR).replace("Z", ".0000000Z")}</Start>`);
    });
  });

  it("wants exactly one credential", async () => {
    const none = await client.send("GET", "/Rows()", { sas: "" });
    expect(none).toMatchObject({ status: 403, code: "AuthenticationFailed" });
    const both = await client.send("GET", "/Rows()", { sas: accountSas(), headers: { authorization: "SharedKey x" } });
    expect(both.status).toBe(400);
  });

  it("keeps credentials out of its log", async () => {
    const sas = accountSas();
    await client.send("GET", "/Rows()", { sas, query: "$top=1" });
    expect(service.log.at(-1)).toMatchObject({ method: "GET", path: "Rows()", query: { $top: "1" }, status: 200 });
    expect(JSON.stringify(service.log)).not.toMatch(/sig|2026-01-01T13/);
  });
});
