import { isOutcomeAddress, readOutcome, type BlobPorts } from "../../migration/access/outcomeBlob";

const URL = "https://landbridgehost1.blob.core.windows.net/landbridge/20260101T000000Z-verify.json";

function ports(answers: readonly number[], seen: string[] = []): BlobPorts {
  let at = 0;
  return {
    getToken: (tenantId) => Promise.resolve(`token of ${tenantId ?? "home"}`),
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
    expect(seen).toEqual([asked, "waits", asked, "waits", asked]);
  });

  it("that stays closed is an error with the remedy, and no endless wait; others are told at once", async () => {
    const seen: string[] = [];
    const closed = readOutcome(URL, undefined, ports([403], seen));
    await expect(closed).rejects.toThrow(/answered 403.*environment\.ipRanges/);
    expect(seen.filter((one) => one === "waits")).toHaveLength(40);
    const failing: string[] = [];
    await expect(readOutcome(URL, undefined, ports([500], failing))).rejects.toThrow(/answered 500/);
    expect(failing).toHaveLength(1);
    const gone = { ...ports([200]), get: () => Promise.reject(new Error("no such host")) };
    await expect(readOutcome(URL, undefined, gone)).rejects.toThrow(/cannot be read: no such host/);
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
