import { OperationalError } from "./errors";
import { operational } from "./eachTable";
import type { PreflightFinding } from "./outcome";
import { withRetry } from "./retry";
import type { RowKey } from "./row";
import type { Run } from "./run";
import type { WriteOperation } from "./store";

/** No user's row: it never comes to exist, since every probe is refused for another reason than its rights. */
const PROBE_PARTITION = "landbridge-probe";

function probeKey(name: string): RowKey {
  return { partitionKey: PROBE_PARTITION, rowKey: name };
}

interface Probe {
  readonly right: string;
  readonly operations: readonly WriteOperation[];
}

/**
 * Writes that must fail, and leave nothing: what matters is why. A service checks rights before it looks for the row,
 * so "no such row" proves the right. An insert is proven inside a transaction whose other half cannot succeed.
 */
function probes(): readonly Probe[] {
  const absent: WriteOperation = { kind: "replace", key: probeKey("absent"), version: "*", body: emptyBody("absent") };
  const insert: WriteOperation = { kind: "insert", key: probeKey("insert"), body: emptyBody("insert") };
  return [
    { right: "update", operations: [absent] },
    { right: "delete", operations: [{ kind: "delete", key: probeKey("absent"), version: "*" }] },
    { right: "add", operations: [insert, absent] },
  ];
}

function emptyBody(rowKey: string): Uint8Array {
  return Buffer.from(JSON.stringify({ PartitionKey: PROBE_PARTITION, RowKey: rowKey }));
}

/** The rights that a copy needs on an existing destination table and does not have; each a finding of its own. */
export async function probeRights(run: Run, destinationTable: string): Promise<readonly PreflightFinding[]> {
  const { destination } = run.context;
  const findings: PreflightFinding[] = [];
  for (const { right, operations } of probes()) {
    const write = () => destination.write(destinationTable, operations);
    const result = await operational(() => withRetry(run.writing, write));
    if (result instanceof OperationalError) {
      findings.push({
        severity: "error",
        code: result.code,
        side: "destination",
        table: destinationTable,
        message: `The right to ${right} entities in table ${destinationTable} is missing or refused: ${result.message}`,
      });
    } else if (result.committed) {
      throw new Error(`Assertion failed: a probe of the right to ${right} was carried out in ${destinationTable}`);
    }
  }
  return findings;
}
