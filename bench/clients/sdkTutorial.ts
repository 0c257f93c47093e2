/** The loop of every tutorial: list the entities, upsert one after the other. */
import { measured, readJob } from "./job";
import { openSdk } from "./sdk";

const job = readJob();

void measured(async () => {
  const { source, destination } = await openSdk(job);
  let rows = 0;
  for await (const entity of source.listEntities()) {
    if (entity.partitionKey === undefined || entity.rowKey === undefined) throw new Error("An entity has no key.");
    await destination.upsertEntity({ ...entity, partitionKey: entity.partitionKey, rowKey: entity.rowKey }, "Replace");
    rows += 1;
    if (rows === job.rows) break;
  }
  return { rows };
});
