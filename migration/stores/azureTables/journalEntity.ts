import { OperationalError } from "../../engine/errors";
import { describeKey, type Row, type RowKey } from "../../engine/row";

/** The journal's own entities, with names and types of our choosing: here values may be parsed. */
export interface JournalEntity extends RowKey {
  readonly properties: Readonly<Record<string, string | number | boolean | Uint8Array | undefined>>;
}

/** Numbers are whole and below 2^53; they go as Int64, which the protocol carries as text. */
export function writeEntity({ partitionKey, rowKey, properties }: JournalEntity): Uint8Array {
  const members: Record<string, string | boolean> = { PartitionKey: partitionKey, RowKey: rowKey };
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined) continue;
    if (typeof value === "number") {
      members[`${name}@odata.type`] = "Edm.Int64";
      members[name] = String(value);
    } else if (typeof value === "object") {
      members[`${name}@odata.type`] = "Edm.Binary";
      members[name] = Buffer.from(value).toString("base64");
    } else {
      members[name] = value;
    }
  }
  return Buffer.from(JSON.stringify(members));
}

export interface ReadEntity {
  has(name: string): boolean;
  text(name: string): string;
  number(name: string): number;
  flag(name: string): boolean;
  bytes(name: string): Uint8Array;
  /** From the properties `<name>Partition` and `<name>Row`. */
  key(name: string): RowKey;
}

/** `what` an entity of the journal does not have as this program would have written it. */
export function journalUnreadable(row: RowKey, what: string): OperationalError {
  return new OperationalError({
    code: "JournalUnreadable",
    message:
      `The journal's entity ${describeKey(row)} has no usable ${what}: something else wrote there. ` +
      "Delete the journal's table to start over; the next run then compares every row anew. Not where the " +
      "application writes the destination already (a live move after its switch): there restore the entity.",
  });
}

/** Reads an entity that this program wrote. Anything else means that somebody wrote into the journal. */
export function readEntity(row: Row): ReadEntity {
  const members = new Map<string, unknown>(Object.entries(JSON.parse(Buffer.from(row.body).toString("utf8"))));
  const foreign = (name: string) => journalUnreadable(row, name);
  const text = (name: string): string => {
    const value = members.get(name);
    if (typeof value !== "string") throw foreign(name);
    return value;
  };
  return {
    has: (name) => members.has(name),
    text,
    number: (name) => {
      const value = Number(text(name));
      if (!Number.isSafeInteger(value)) throw foreign(name);
      return value;
    },
    flag: (name) => {
      const value = members.get(name);
      if (typeof value !== "boolean") throw foreign(name);
      return value;
    },
    bytes: (name) => Buffer.from(text(name), "base64"),
    key: (name) => ({ partitionKey: text(`${name}Partition`), rowKey: text(`${name}Row`) }),
  };
}
