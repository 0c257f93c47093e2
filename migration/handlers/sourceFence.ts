import { z } from "zod";
import type { AccountManagement, KeyName } from "../access/accountManagement";
import { describeAccount, sameAccount, type AccountRef } from "../access/accountRef";
import { describeRules } from "../access/networkRules";
import { othersIn, refuseShared, requireAlone } from "../access/sharedAccount";
import { refuseKeys, shutKeys, type FencePorts } from "../access/shutKeys";
import { shutNetwork, shutRules } from "../access/shutNetwork";
import { OperationalError } from "../engine/errors";
import { isLoopback } from "../stores/azureTables/credential";
import { lookAt } from "./ambient";
import { accountField, failuresIn, keyNameField, parseInputs, tableNameField } from "./fields";
import { readWhileThere } from "./gone";
import {
  PartialResult, plain, same, withoutProvider, type CheckResult, type Handler, type Properties,
} from "./handler";
import { rulesFields, rulesOf } from "./networkOpening";
import { fencePorts } from "./ports";
import { holdsUnknown } from "./unknown";

const ON_COSMOS = "A Cosmos DB account is shut by its owner (docs/zero-downtime.md): set fence to none.";

const fields = {
  account: accountField.refine(({ service }) => service !== "cosmos", ON_COSMOS),
  mode: z.enum(["keys", "network", "both"]),
  keyName: keyNameField,
  tables: z.union([z.literal("all"), z.array(tableNameField)]),
  ...rulesFields,
  sharedAccount: z.boolean(),
  frozen: z.boolean(),
};
type Inputs = z.infer<z.ZodObject<typeof fields>>;

/** What state keeps of the work: old keys that are dead, and whether all that was asked for is shut. */
const doneFields = z.object({ keysShut: z.boolean().default(false), keysShown: z.array(z.string()).default([]) });

/** What was let in just before may still be under way, and rules take a while to act. */
const UNDER_WAY_MS = 60_000;

const WRITERS_NAMED_MAX = 5;

const NOT_YET = "Access is closed (frozen) and the source has not been shut: set fence while phase is drained, or set "
  + "it to none.";

/** Shuts whoever writes an account out of it: by its keys, by its firewall, or both. */
export function sourceFenceHandler(ports: FencePorts): Handler {
  async function shut(id: string, news: Properties, olds: Properties): Promise<Properties> {
    const inputs = parseInputs(fields, news);
    const management = ports.open(inputs.account);
    const before = doneFields.parse(olds);
    if (!inputs.sharedAccount) await requireAlone(management, inputs.tables);
    const outs = { ...settingsOf(news), keysShut: before.keysShut, keysShown: before.keysShown, complete: false };
    const [keys, network] = [inputs.mode !== "network", inputs.mode !== "keys"];
    if (keys && !before.keysShut) {
      const table = inputs.tables === "all" ? (await management.listTables())[0] : inputs.tables[0];
      outs.keysShown = [...await shutKeys(management, { keyName: inputs.keyName, table }, ports)];
      outs.keysShut = true;
    }
    try {
      if (network) await shutNetwork(management, rulesOf(inputs), { keysToo: outs.keysShut }, ports);
      if (!isLoopback(new URL(await management.tableEndpoint()).hostname)) await ports.clock.sleep(UNDER_WAY_MS);
      const summary = await summaryOf(management, inputs, outs.keysShown as KeyName[], ports);
      ports.say(summary);
      return plain({ ...outs, complete: true, shutOn: new Date(ports.clock.now()).toISOString(), summary });
    } catch (error) {
      // Keys that are dead need not die twice.
      if (outs.keysShut) throw new PartialResult(id, news, outs, error);
      throw error;
    }
  }

  return {
    check: (olds, news) => checkFence(olds, news, ports),
    diff: (_id, olds, news) => Promise.resolve(diffFence(olds, news)),
    async create(inputs) {
      const id = `${parseInputs(fields, inputs).account.account}/fence`;
      return { id, outs: await shut(id, inputs, {}) };
    },
    read: (id, props) => readWhileThere(id, async () => {
      const { account } = parseInputs({ account: accountField }, props);
      await ports.open(account).getNetworkRules();
      return withoutProvider(props);
    }),
    async update(id, olds, news) {
      if (news["frozen"] === true) return { outs: { ...withoutProvider(olds), frozen: true } };
      return { outs: await shut(id, news, olds) };
    },
    // The firewall is FormerNetwork's to give back.
    delete(_id, props) {
      const { account } = parseInputs({ account: accountField }, props);
      if (doneFields.parse(props).keysShut) {
        const { account: name } = account;
        ports.say(`Keys of ${name} that the fence regenerated are not given back: whoever is to use it again needs the `
          + `new ones (az storage account keys list --account-name ${name}).`);
      }
      return Promise.resolve();
    },
  };
}

async function checkFence(olds: Properties, news: Properties, ports: FencePorts): Promise<CheckResult> {
  const failures = failuresIn(fields, news);
  const first = Object.keys(olds).length === 0;
  if (failures.length > 0) return { inputs: news, failures };
  if (news["frozen"] === true) {
    return { inputs: news, failures: first ? [{ property: "frozen", reason: NOT_YET }] : [] };
  }
  if (Object.keys(fields).some((name) => holdsUnknown(news[name]))) return { inputs: news, failures };
  const inputs = parseInputs(fields, news);
  const seen = await lookAt(inputs.account, ports, async (management) => ({
    others: first && !inputs.sharedAccount ? await othersIn(management, inputs.tables) : [],
    keyless: first && inputs.mode !== "network" && !(await management.allowSharedKeyAccess()),
    open: inputs.mode !== "keys" && shutRules(await management.getNetworkRules(), rulesOf(inputs)) !== undefined,
  }));
  const name = describeAccount(inputs.account as AccountRef);
  const shared = refuseShared(name, seen?.others ?? []);
  return {
    inputs: seen?.open === true ? { ...news, seenOpen: true } : news,
    failures: [
      ...(seen?.keyless === true ? [{ property: "mode", reason: refuseKeys(name) }] : []),
      ...(shared === undefined ? [] : [{ property: "sharedAccount", reason: shared }]),
    ],
  };
}

/** Inputs after which there is something else to shut. Who is told, and which tables move, changes nothing. */
const COMPARED = ["mode", "ipRanges", "subnetIds"] as const;

function diffFence(olds: Properties, news: Properties) {
  if (holdsUnknown(news["account"])) return { changes: true };
  const [before, now] = [accountField.safeParse(olds["account"]), accountField.parse(news["account"])];
  if (!before.success || !sameAccount(before.data, now)) return { changes: true, replaces: ["account"] };
  // Once access is closed nothing is asked of the source: it may be gone.
  if (news["frozen"] === true) return { changes: false };
  const differs = COMPARED.some((name) => holdsUnknown(news[name]) || !same(olds[name], news[name]));
  return { changes: differs || olds["complete"] !== true || news["seenOpen"] === true };
}

/** Inputs for outputs, without what `check` saw. */
function settingsOf(news: Properties): Properties {
  return Object.fromEntries(Object.entries(withoutProvider(news)).filter(([name]) => name !== "seenOpen"));
}

/** What is shut, and what is not. */
async function summaryOf(
  management: AccountManagement,
  inputs: Inputs,
  shown: readonly KeyName[],
  ports: FencePorts,
): Promise<string> {
  const parts: string[] = [];
  if (inputs.mode !== "network") {
    const seen = shown.length === 0 ? "" : `; a write by the old ${shown.join(" and ")} was refused`;
    parts.push(`both keys are new, and what the old ones signed is dead${seen}`);
  }
  if (inputs.mode !== "keys") {
    parts.push(`the firewall lets in nobody but the move (${describeRules(rulesOf(inputs))})`);
  }
  const left = inputs.mode === "keys" ? ` ${await rolesLeft(inputs, ports)}` : "";
  return `Shut ${management.name}: ${parts.join("; ")}.${left}`;
}

/** Keys say nothing to whoever signs in: who does is told, and that it is not known is told, too. */
async function rolesLeft({ account }: Inputs, ports: FencePorts): Promise<string> {
  try {
    const writers = await ports.roleWriters(account);
    if (writers.length === 0) return "Nobody has a role that writes its rows.";
    const named = writers.slice(0, WRITERS_NAMED_MAX)
      .map(({ principalType, principalId, role }) => `${principalType} ${principalId} (${role})`);
    const more = writers.length > named.length ? `, and ${writers.length - named.length} more` : "";
    return `NOT shut out, since they sign in by a role that writes: ${named.join(", ")}${more}.`;
  } catch (error) {
    if (!(error instanceof OperationalError)) throw error;
    const unknown = "Whoever signs in by a role that writes is NOT shut out, and who that is could not be seen";
    return `${unknown}: ${error.message}`;
  }
}

export const { check, diff, create, read, update, delete: remove } = sourceFenceHandler(fencePorts);
export { remove as delete };
