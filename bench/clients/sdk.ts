import type { TableEntityResult } from "@azure/data-tables";
import { AzureSASCredential, TableClient } from "@azure/data-tables";
import type { Job } from "./job";

export type Entity = TableEntityResult<Record<string, unknown>>;

/** The official SDK's clients of both sides; the destination's table is created. */
export async function openSdk(job: Job): Promise<{ readonly source: TableClient; readonly destination: TableClient }> {
  const [table = ""] = job.tables;
  const options = { allowInsecureConnection: true };
  const source = new TableClient(job.sourceEndpoint, table, new AzureSASCredential(job.sourceSas), options);
  const destination = new TableClient(
    job.destinationEndpoint, table, new AzureSASCredential(job.destinationSas), options,
  );
  await destination.createTable();
  return { source, destination };
}
