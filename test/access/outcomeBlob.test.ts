import { getGlobalDispatcher, MockAgent, setGlobalDispatcher } from "undici";
import { isOutcomeAddress, readOutcome, realBlobs, type BlobPorts } from "../../migration/access/outcomeBlob";

const URL = "https://landbridgehost1.blob.core.windows.net/landbridge/20260101T000000Z-verify.json";

function ports(answers: readonly number[], seen: string[] = []): BlobPorts {
  let at = 0;
  return {
    identity: (tenantId) => {
      seen.push(`signs in to ${tenantId ?? "home"}`);
      return { getToken: () => Promise.resolve({ token: `token of ${tenantId ?? "home"}`, expiresOnTimestamp: 0 }) };
    },
    get: (url, token) => {
      seen.push(`${url} ${token}`);
      const status = answers[Math.min(at, answers.length - 1)] ?? 500;
      at += 1;
      return Promise.resolve({ status, text: status === 200 ? "report" : "" });
    },
    sleep: () => Promise.resolve(seen.push("waits")),
  };
}

describe("a report that a machine left in a blob", () => {
  it("is read as whoever deploys, of the destination's tenant, once roles and firewalls are known", async () => {
    const seen: string[] = [];
    await expect(readOutcome(URL, "fabrikam", ports([403, 404, 200], seen))).resolves.toBe("report");
    const asked = `${URL} token of fabrikam`;
    // One identity for all tries: opening it anew forgets its token, and which way of signing in was open.
    expect(seen).toEqual(["signs in to fabrikam", asked, "waits", asked, "waits", asked]);
  });

  it("that stays closed is an error with the remedy, and no endless wait; others are told at once", async () => {
    const seen: string[] = [];
    const closed = readOutcome(URL, undefined, ports([403], seen));
    await expect(closed).rejects.toThrow(/answered 403.*environment\.ipRanges/);
    expect(seen.filter((one) => one === "waits")).toHaveLength(40);
    const failing: string[] = [];
    await expect(readOutcome(URL, undefined, ports([400], failing))).rejects.toThrow(/answered 400/);
    expect(failing.filter((one) => one === "waits")).toEqual([]);
  });

  it.each([429, 500, 503])("outlives a service that answers %d: it is of a run that took hours", async (status) => {
    await expect(readOutcome(URL, undefined, ports([status, status, 200]))).resolves.toBe("report");
  });

  it("outlives a connection that breaks, and says what broke where it stays so", async () => {
    let breaks = 2;
    const answering = ports([200]);
    const lost: BlobPorts = {
      ...answering,
      get: (url, token) => (breaks-- > 0 ? Promise.reject(new Error("socket hang up")) : answering.get(url, token)),
    };
    await expect(readOutcome(URL, undefined, lost)).resolves.toBe("report");
    const gone = { ...ports([200]), get: () => Promise.reject(new Error("no such host\nat all")) };
    await expect(readOutcome(URL, undefined, gone)).rejects.toThrow(/cannot be read: no such host\. Nothing/);
  });

  it("is read no further than a report can be long, and not asked for again", async () => {
    const before = getGlobalDispatcher();
    const agent = new MockAgent();
    agent.disableNetConnect();
    setGlobalDispatcher(agent);
    const { origin, pathname: path } = new globalThis.URL(URL);
    agent.get(origin).intercept({ path }).reply(200, Buffer.alloc(64 * 1024 * 1024 + 1, "x"));
    const attempt = readOutcome(URL, undefined, { ...ports([200]), get: realBlobs.get });
    await expect(attempt).rejects.toThrow(/has more than 67108864 bytes/);
    setGlobalDispatcher(before);
    await agent.close();
  });

  it.each([
    "https://evil.test/landbridge/a.json",
    "https://a.blob.core.windows.net.evil.test/landbridge/a.json",
    "http://landbridgehost1.blob.core.windows.net/landbridge/a.json",
    "https://landbridgehost1.blob.core.windows.net/other/a.json",
    "https://landbridgehost1.blob.core.windows.net/landbridge/../x/a.json",
  ])("is looked for nowhere else: no token goes to %s", async (url) => {
    const seen: string[] = [];
    expect(isOutcomeAddress(url)).toBe(false);
    await expect(readOutcome(url, undefined, ports([200], seen))).rejects.toThrow(/no address of a report/);
    expect(seen).toEqual([]);
  });
});
