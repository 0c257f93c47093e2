import { lookup } from "node:dns/promises";
import { BlockList, isIPv6 } from "node:net";

/** Where an account's own name leads, seen from this machine: addresses. Rejects where nothing has that name. */
export type Resolve = (host: string) => Promise<readonly string[]>;

const resolveHere: Resolve = async (host) => (await lookup(host, { all: true })).map(({ address }) => address);

/** A preview waits this long for a name server at most, in milliseconds. */
const ANSWER_MS_MAX = 5_000;

/** Addresses of private networks (RFC 1918, RFC 4193), and those that providers share (RFC 6598). */
const PRIVATE = new BlockList();
PRIVATE.addSubnet("10.0.0.0", 8);
PRIVATE.addSubnet("172.16.0.0", 12);
PRIVATE.addSubnet("192.168.0.0", 16);
PRIVATE.addSubnet("100.64.0.0", 10);
PRIVATE.addSubnet("fc00::", 7, "ipv6");

export interface Reach {
  /** False: what runs here does not get in. Undefined: nobody can know yet. */
  readonly isPrivate: boolean | undefined;
  /** For people: what was seen, and what to do. */
  readonly text: string;
}

const REMEDY = "Run where the endpoint's network is: on a machine in it, or one that asks its private DNS zone.";

async function inTime(host: string, resolve: Resolve): Promise<readonly string[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<readonly string[]>((settle) => {
    timer = setTimeout(() => settle([]), ANSWER_MS_MAX);
  });
  try {
    // A name that is not there yet is no mistake: the account may be made by this very run.
    return await Promise.race([resolve(host).catch(() => []), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Whether this machine would reach, by its private endpoint alone, an account that refuses all public traffic. */
export async function lookForPrivateWay(host: string, resolve: Resolve = resolveHere): Promise<Reach> {
  const only = `${host} is reached by its private endpoint alone.`;
  const addresses = await inTime(host, resolve);
  const [first] = addresses;
  if (first === undefined) {
    return { isPrivate: undefined, text: `${only} Here that name leads nowhere yet. ${REMEDY}` };
  }
  const isPrivate = addresses.every((address) => PRIVATE.check(address, isIPv6(address) ? "ipv6" : "ipv4"));
  if (isPrivate) return { isPrivate, text: `${only} Here that name leads to ${first}, which is private: right.` };
  const why = `Here that name leads to ${first}, a public address, and what comes in there is refused.`;
  return { isPrivate, text: `${only} ${why} ${REMEDY}` };
}
