import { z } from "zod";
import { sameAccount } from "../access/accountRef";
import { parseFirewallRange } from "../access/ipRange";
import { closeNetwork, describeOpening, openNetwork, PartlyOpened } from "../access/networkAccess";
import {
  countRules, joinRules, NO_RULES, presentRules, subtract, type RuleValues,
} from "../access/networkRules";
import type { AccessPorts } from "../access/ports";
import { lookAt } from "./ambient";
import { accountField, failuresIn, parseInputs } from "./fields";
import { isAccountGone, readWhileThere } from "./gone";
import { PartialResult, plain, withoutProvider, type Handler, type Properties } from "./handler";
import { accessPorts } from "./ports";
import { holdsUnknown } from "./unknown";

const ipRangeField = z.string().superRefine((text, context) => {
  const range = parseFirewallRange(text);
  if (range.kind === "refused") context.addIssue({ code: "custom", message: range.reason });
});

const SUBNET = new RegExp(
  "^/subscriptions/[^/]+/resourceGroups/[^/]+/providers/[^/]+/virtualNetworks/[^/]+/subnets/[^/]+$", "i");

const subnetField = z.string().regex(SUBNET, {
  error: ({ input }) => `${JSON.stringify(input)} is not a subnet's resource id: /subscriptions/.../subnets/NAME.`,
});

/** Whom to let in. */
export const rulesFields = { ipRanges: z.array(ipRangeField), subnetIds: z.array(subnetField) };
const fields = { account: accountField, ...rulesFields };

const strings = z.array(z.string()).default([]);
const rulesField = z.object({ ipRules: strings, ipv6Rules: strings, subnetIds: strings });
/** What the account has of what is wanted, as `check` saw it. */
const presentField = rulesField.extend({ defaultAction: z.enum(["Allow", "Deny"]) });
const stateFields = {
  account: accountField,
  added: rulesField.default({ ipRules: [], ipv6Rules: [], subnetIds: [] }),
};

/** A temporary opening in an account's firewall: exactly what it added, it takes away. */
export function networkOpeningHandler(ports: AccessPorts): Handler {
  async function open(id: string, news: Properties, ours: RuleValues): Promise<Properties> {
    const management = ports.open(parseInputs(fields, news).account);
    try {
      const access = await openNetwork(management, wantedRules(news), ours, ports);
      return plain({ ...settingsOf(news), ...access, summary: describeOpening(management, access) });
    } catch (error) {
      if (!(error instanceof PartlyOpened)) throw error;
      throw new PartialResult(id, news, { ...settingsOf(news), added: error.added }, error.cause);
    }
  }

  return {
    async check(_olds, news) {
      const failures = failuresIn(fields, news);
      return { inputs: failures.length > 0 ? news : await withPresent(news, ports), failures };
    },
    async diff(_id, olds, news) {
      if (holdsUnknown(news["account"])) return { changes: true };
      const { account } = parseInputs(stateFields, { account: news["account"] });
      const before = accountField.safeParse(olds["account"]);
      if (!before.success || !sameAccount(before.data, account)) {
        return { changes: true, replaces: ["account"] };
      }
      if (["ipRanges", "subnetIds", "after"].some((name) => holdsUnknown(news[name]))) return { changes: true };
      const wanted = wantedRules(news);
      return { changes: differs(olds, wanted) || wasClosed(news["present"], wanted) };
    },
    async create(inputs) {
      const id = `${parseInputs(fields, inputs).account.account}/networkOpening`;
      return { id, outs: await open(id, inputs, NO_RULES) };
    },
    read: (id, props) => readWhileThere(id, async () => {
      const { account, added } = parseInputs(stateFields, props);
      const rules = await ports.open(account).getNetworkRules();
      const already = presentRules(rules, subtract(rulesIn(props["already"]), added));
      const now = { added: presentRules(rules, added), already, defaultAction: rules.defaultAction };
      return plain({ ...withoutProvider(props), ...now });
    }),
    async update(id, olds, news) {
      const { account, added } = parseInputs(stateFields, olds);
      const unwanted = subtract(added, wantedRules(news));
      // What is wanted comes first: when that fails, nothing has been closed.
      const outs = await open(id, news, added);
      try {
        await closeNetwork(ports.open(account), unwanted, ports);
      } catch (error) {
        throw new PartialResult(id, news, outs, error);
      }
      return { outs: plain({ ...outs, added: subtract(rulesIn(outs["added"]), unwanted) }) };
    },
    async delete(_id, props) {
      const { account, added } = parseInputs(stateFields, props);
      try {
        await closeNetwork(ports.open(account), added, ports);
      } catch (error) {
        if (!isAccountGone(error)) throw error;
        ports.say(`${account.account} is gone, and its network rules with it.`);
      }
    },
  };
}

/** Whoever writes an account's whole rule set takes ours out, and state does not hear of that: so `check` looks. */
async function withPresent(news: Properties, ports: AccessPorts): Promise<Properties> {
  if (Object.keys(fields).some((name) => holdsUnknown(news[name]))) return news;
  const rules = await lookAt(news["account"], ports, (management) => management.getNetworkRules());
  if (rules === undefined) return news;
  const { defaultAction } = rules;
  return { ...news, present: { ...presentRules(rules, wantedRules(news)), defaultAction } };
}

/** Inputs for outputs, without what `check` saw: that was so a moment ago. */
function settingsOf(news: Properties): Properties {
  return Object.fromEntries(Object.entries(withoutProvider(news)).filter(([name]) => name !== "present"));
}

/** The inputs as rules, each once, in the service's notation. */
function wantedRules(news: Properties): RuleValues {
  return rulesOf(parseInputs(rulesFields, news));
}

/** Ranges and subnets as rules. */
export function rulesOf({ ipRanges, subnetIds }: z.infer<z.ZodObject<typeof rulesFields>>): RuleValues {
  const ranges = ipRanges.map(parseFirewallRange);
  const of = (kind: "ipv4" | "ipv6") => ranges.flatMap((range) => (range.kind === kind ? range.values : []));
  return joinRules(NO_RULES, { ipRules: of("ipv4"), ipv6Rules: of("ipv6"), subnetIds });
}

function rulesIn(value: unknown): RuleValues {
  return rulesField.safeParse(value).data ?? NO_RULES;
}

/** Something wanted is not open, or something of ours is no longer wanted. An account open to all needs no rule. */
function differs(olds: Properties, wanted: RuleValues): boolean {
  const added = rulesIn(olds["added"]);
  if (countRules(subtract(added, wanted)) > 0) return true;
  if (olds["defaultAction"] === "Allow") return false;
  return countRules(subtract(wanted, joinRules(added, rulesIn(olds["already"])))) > 0;
}

/** The world lacks something wanted, whatever the state says. An account that could not be looked at says nothing. */
function wasClosed(seen: unknown, wanted: RuleValues): boolean {
  const present = presentField.safeParse(seen);
  if (!present.success || present.data.defaultAction === "Allow") return false;
  return countRules(subtract(wanted, present.data)) > 0;
}

export const { check, diff, create, read, update, delete: remove } = networkOpeningHandler(accessPorts);
export { remove as delete };
