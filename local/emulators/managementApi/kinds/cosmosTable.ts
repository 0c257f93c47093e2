import { z } from "zod";
import { notFound } from "../armError";
import { parseBody, tagsSchema, type ArmCall, type ArmKind } from "../kind";
import { badRequest } from "../plainKind";
import { requireCosmos } from "./cosmosAccount";

const TYPE = "Microsoft.DocumentDB/databaseAccounts/tables";
const STEP_RU = 1_000;

const tableSchema = z.strictObject({
  location: z.string().optional(),
  tags: tagsSchema.optional(),
  properties: z.strictObject({
    resource: z.strictObject({ id: z.string() }),
    options: z.strictObject({
      throughput: z.int().optional(),
      autoscaleSettings: z.strictObject({ maxThroughput: z.int() }).optional(),
    }).optional(),
  }),
});

interface Throughput {
  readonly maxThroughput: number;
  /** What autoscale can be lowered to goes by this. */
  readonly highestMaxThroughput: number;
}

/** "autoscale provisioned throughput": steps of 1,000 RU/s, no lower than a tenth of the highest maximum ever set. */
function autoscale(wanted: number, before: Throughput | undefined, table: string): Throughput {
  if (wanted < STEP_RU || wanted % STEP_RU !== 0 || wanted > 1_000_000) {
    throw badRequest(`Autoscale max throughput ${wanted} of table ${table} is no multiple of ${STEP_RU} RU/s.`);
  }
  const highest = Math.max(wanted, before?.highestMaxThroughput ?? 0);
  const lowest = Math.max(STEP_RU, Math.ceil(highest / 10 / STEP_RU) * STEP_RU);
  if (wanted < lowest) {
    throw badRequest(`The offer of table ${table} cannot have a max throughput of ${wanted}: the minimum is ${lowest}, `
      + `a tenth of the highest ever set (${highest}).`);
  }
  return { maxThroughput: wanted, highestMaxThroughput: highest };
}

function named(call: ArmCall): string {
  const name = call.target.names[1] ?? "";
  if (!/^[A-Za-z][A-Za-z0-9]{2,62}$/.test(name)) throw badRequest(`'${name}' is not a valid table name.`);
  return name;
}

export const cosmosTable: ArmKind = {
  get: (call) => {
    const account = requireCosmos(call);
    const name = named(call);
    if (!account.listTables().includes(name)) throw notFound(call.target.id);
    const properties = { resource: { id: name } };
    const body = call.state.get(call.target.id) ?? { id: call.target.id, name, type: TYPE, properties };
    return { status: 200, body };
  },
  put: (call) => {
    const account = requireCosmos(call);
    const name = named(call);
    const { properties: { resource, options } } = parseBody(tableSchema, call.body);
    if (resource.id !== name) throw badRequest(`The id '${resource.id}' is not the name '${name}' of the address.`);
    const max = options?.autoscaleSettings?.maxThroughput;
    if (max !== undefined && options?.throughput !== undefined) {
      throw badRequest("A table has either throughput or autoscaleSettings, and not both.");
    }
    const there = account.listTables().includes(name);
    const before = call.state.get(call.target.id)?.properties["options"] as Throughput | undefined;
    if (max !== undefined && there && before === undefined) {
      throw badRequest("Updating offer to autoscale throughput is not allowed. Please invoke migration API to migrate "
        + `this offer (table ${name}).`);
    }
    const scaled = max === undefined ? before : autoscale(max, before, name);
    account.createTable(name);
    const saved = call.state.put({
      id: call.target.id,
      name,
      type: TYPE,
      properties: { resource, ...(scaled === undefined ? {} : { options: scaled }) },
    });
    return { status: 200, body: saved };
  },
  delete: (call) => {
    const account = requireCosmos(call);
    account.deleteTable(named(call));
    call.state.delete(call.target.id);
    return { status: 204 };
  },
  /** All there are, whoever made them. */
  list: (call) => {
    const account = requireCosmos(call);
    const value = account.listTables().map((name) => {
      return { id: `${call.target.id}/tables/${name}`, name, type: TYPE, properties: { resource: { id: name } } };
    });
    return { status: 200, body: { value } };
  },
};
