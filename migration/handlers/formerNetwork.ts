import { z } from "zod";
import { sameAccount } from "../access/accountRef";
import type { AccessPorts } from "../access/ports";
import { formerNetwork, reopenNetwork } from "../access/shutNetwork";
import { accountField, failuresIn, parseInputs } from "./fields";
import { isAccountGone, readWhileThere } from "./gone";
import { plain, withoutProvider, type Handler } from "./handler";
import { rulesOf, rulesFields } from "./networkOpening";
import { accessPorts } from "./ports";
import { holdsUnknown } from "./unknown";

const fields = { account: accountField, ...rulesFields };

const strings = z.array(z.string());
const formerField = z.object({
  defaultAction: z.enum(["Allow", "Deny"]),
  rules: z.object({ ipRules: strings, ipv6Rules: strings, subnetIds: strings }),
  resourceRules: z.array(z.object({ tenantId: z.string().optional(), resourceId: z.string().optional() })),
  trusted: z.boolean(),
});

/**
 * A promise to give an account's firewall back: on create it is only looked at, on delete whoever was let in is let in
 * again. It is a resource of its own because what it remembers must be in state before anything is shut.
 */
export function formerNetworkHandler(ports: AccessPorts): Handler {
  return {
    check: (_olds, news) => Promise.resolve({ inputs: news, failures: failuresIn(fields, news) }),
    diff(_id, olds, news) {
      if (holdsUnknown(news["account"])) return Promise.resolve({ changes: true });
      const [before, now] = [accountField.safeParse(olds["account"]), accountField.parse(news["account"])];
      if (before.success && sameAccount(before.data, now)) return Promise.resolve({ changes: false });
      return Promise.resolve({ changes: true, replaces: ["account"] });
    },
    async create(inputs) {
      const { account, ...ours } = parseInputs(fields, inputs);
      const former = formerNetwork(await ports.open(account).getNetworkRules(), rulesOf(ours));
      return { id: `${account.account}/formerNetwork`, outs: plain({ ...withoutProvider(inputs), former }) };
    },
    read: (id, props) => readWhileThere(id, async () => {
      const { account } = parseInputs({ account: accountField }, props);
      await ports.open(account).getNetworkRules();
      return withoutProvider(props);
    }),
    // What was let in before is no longer to be seen: it stays as it was remembered.
    update: (_id, olds, news) =>
      Promise.resolve({ outs: plain({ ...withoutProvider(news), former: olds["former"] }) }),
    async delete(_id, props) {
      const { account, former } = parseInputs({ account: accountField, former: formerField }, props);
      try {
        const management = ports.open(account);
        if (!(await reopenNetwork(management, former, ports))) return;
        const who = former.defaultAction === "Allow" ? "every network" : "whoever it let in before";
        ports.say(`The firewall of ${management.name} lets in ${who} again.`);
      } catch (error) {
        if (!isAccountGone(error)) throw error;
        ports.say(`${account.account} is gone, and its network rules with it.`);
      }
    },
  };
}

export const { check, diff, create, read, update, delete: remove } = formerNetworkHandler(accessPorts);
export { remove as delete };
