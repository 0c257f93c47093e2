import fc from "fast-check";
import { formatIpv4, parseFirewallRange, parseIpv4, parseSasRange } from "../../migration/access/ipRange";

describe("an address range of a firewall", () => {
  it.each([
    ["198.51.100.7", ["198.51.100.7"]],
    ["198.51.100.7/32", ["198.51.100.7"]],
    ["198.51.100.6/31", ["198.51.100.6", "198.51.100.7"]],
    ["198.51.100.7/31", ["198.51.100.6", "198.51.100.7"]],
    ["198.51.100.0/30", ["198.51.100.0/30"]],
    ["198.51.100.77/24", ["198.51.100.0/24"]],
    ["2001:DB8:0:0::1", ["2001:db8::1"]],
    ["2001:db8::1/128", ["2001:db8::1"]],
    ["2001:db8::/64", ["2001:db8::/64"]],
  ])("%s is written as the service takes it", (text, values) => {
    expect(parseFirewallRange(text)).toMatchObject({ values });
  });

  it.each([
    ["10.1.2.3", /private/], ["172.16.0.0/12", /private/], ["192.168.1.0/24", /private/], ["0.0.0.0/0", /everybody/],
    ["8.0.0.0/5", /private/], ["198.51.100.7/33", /198\.51\.100\.0\/24/], ["198.51.100.256", /neither/],
    ["", /neither/],
    ["198.51.100.7-198.51.100.9", /neither/], ["2001:db8::/129", /2001:db8::\/64/], ["example.com", /neither/],
  ])("%s is refused, with the offending value and a remedy", (text, reason) => {
    const range = parseFirewallRange(text);
    expect(range).toMatchObject({ kind: "refused", reason: expect.stringMatching(reason) as string });
    expect(range).toMatchObject({ reason: expect.stringContaining(JSON.stringify(text)) as string });
  });
});

describe("the range a SAS is bound to", () => {
  it.each([
    ["198.51.100.7", "198.51.100.7", "198.51.100.7"],
    ["198.51.100.7-198.51.100.9", "198.51.100.7", "198.51.100.9"],
    ["198.51.100.0/28", "198.51.100.0", "198.51.100.15"],
  ])("%s is one address or one range", (text, first, last) => {
    const range = parseSasRange(text);
    expect([formatIpv4(range?.first ?? 0), formatIpv4(range?.last ?? 0)]).toEqual([first, last]);
  });

  it.each([
    "198.51.100.7,198.51.100.9", "198.51.100.9-198.51.100.7", "2001:db8::1", "a-b", "1.2.3.4-5.6.7.8-9.9.9.9", "",
  ])("%s is refused: a token holds only one", (text) => {
    expect(parseSasRange(text)).toBeUndefined();
  });

  it("reads every address back as it was written", () => {
    fc.assert(fc.property(fc.ipV4(), (text) => {
      expect(formatIpv4(parseIpv4(text) ?? -1)).toBe(text);
    }));
  });
});
