import type { AccountRef } from "../access/accountRef";
import { describeAccount } from "../access/accountRef";
import { listAccess, removeAccess } from "../access/listAccess";
import type { FoundAccess, FoundPolicy } from "../access/listAccess";
import { OperationalError } from "../engine/errors";
import { quantity } from "../report/words";
import type { CliIo } from "./io";
import type { Output } from "./output";

export interface AccountOptions {
  readonly account: string;
  readonly subscription?: string;
  readonly resourceGroup?: string;
  readonly tenant?: string;
  readonly emulator?: boolean;
}

export interface RemoveOptions extends AccountOptions {
  readonly policy?: readonly string[];
  readonly journal?: boolean;
}

function accountOf(options: AccountOptions): AccountRef {
  const { account, subscription, resourceGroup, tenant, emulator } = options;
  if (emulator === true) {
    return { kind: "emulator", subscriptionId: subscription ?? "", resourceGroup: resourceGroup ?? "", account };
  }
  if (subscription === undefined || resourceGroup === undefined) {
    throw new OperationalError({
      code: "OptionsInvalid",
      message: "An account is found by --subscription and --resource-group too. Add them (or --emulator for an " +
        "account of the emulators on this machine).",
    });
  }
  return {
    kind: "azure",
    subscriptionId: subscription,
    resourceGroup,
    account,
    ...(tenant !== undefined && { tenantId: tenant }),
  };
}

function policyLine({ table, policy }: FoundPolicy): string {
  const until = policy.expiresOn === undefined ? "no expiry of its own" : `until ${policy.expiresOn}`;
  return `  ${policy.id} on table ${table} (${policy.permissions || "no rights of its own"}, ${until})`;
}

function notesText(notes: FoundAccess["notes"]): readonly string[] {
  return notes.map((note) => `Note: ${note}`);
}

/** `landbridge access list`: what bears our name on an account, when the state that knew it is lost. */
export async function accessListCommand(io: CliIo, output: Output, options: AccountOptions): Promise<number> {
  const ref = accountOf(options);
  const found = await listAccess(io.openManagement(ref));
  const text = [
    `${quantity(found.policies.length, "access policy", "access policies")} of landbridge on ${describeAccount(ref)}.`,
    ...found.policies.map(policyLine),
    found.journal ? "The journal's table is there." : "There is no journal.",
    ...notesText(found.notes),
  ].join("\n");
  output.result(text, { exitCode: 0, access: found });
  return 0;
}

/** `landbridge access remove`: removes what `access list` shows; others' policies and all data stay. */
export async function accessRemoveCommand(io: CliIo, output: Output, options: RemoveOptions): Promise<number> {
  const ref = accountOf(options);
  const { clock, random } = io.ports;
  const removed = await removeAccess(
    io.openManagement(ref),
    { journal: options.journal ?? false, ...(options.policy !== undefined && { policyIds: options.policy }) },
    { clock, random },
  );
  const text = [
    `Removed ${quantity(removed.policies.length, "access policy", "access policies")} from ${describeAccount(ref)}.`,
    ...removed.policies.map(policyLine),
    removed.journal ? "Removed the journal's table." : "No journal was removed.",
    ...notesText(removed.notes),
  ].join("\n");
  output.result(text, { exitCode: 0, removed });
  return 0;
}
