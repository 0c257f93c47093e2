import type { Ambush, Edit, PlannedRun, Scenario, SimulatedTable } from "./scenario";
import { sizeOf } from "./scenario";
import { textOf } from "./textOf";

/** A scenario as people read it: what is there, who does what, and what goes wrong when. */
export function scheduleText(scenario: Scenario): string {
  const { tables, deletes, conflicts, level, concurrency, network, skewMs, backend } = scenario;
  const { latencyMsMin, latencyMsMax, spikeChance, spikeMsMax, pageRowsMax } = network;
  return [
    `${sizeOf(scenario)}; ${backend}`,
    `deletes ${deletes}, conflicts ${conflicts}, level ${level}, concurrency ${concurrency}`,
    `latency ${latencyMsMin} to ${latencyMsMax} ms (spikes ${spikeChance}, ${spikeMsMax} ms), pages of ${pageRowsMax}`,
    `clocks ${skewMs.source} and ${skewMs.destination} ms off`,
    ...tables.flatMap(tableLines),
    ...scenario.faults.map(({ side, call, times, kind, delayMs }) => {
      return `${side} call ${call}${times > 1 ? ` to ${call + times - 1}` : ""}: ${kind} (${delayMs} ms)`;
    }),
    ...scenario.ambushes.map(ambushLine),
    ...scenario.phases.flatMap(({ runs, edits, pauseMs }, at) => [
      `phase ${at + 1}, then ${pauseMs} ms of quiet`,
      ...runs.map((run) => `  ${runLine(run)}`),
      ...edits.map((edit) => `  ${editLine(edit, tables)}`),
    ]),
  ].join("\n");
}

function tableLines({ table, destinationTable, mode, keys, rows }: SimulatedTable): readonly string[] {
  return [
    `${table} -> ${destinationTable}, ${mode}, ${rows.length} rows`,
    ...rows.slice(0, 20).map(({ key, where, members }) => {
      return `  ${textOf(keys[key] ?? { partitionKey: "?", rowKey: "?" })} ${where} ${members.slice(0, 60)}`;
    }),
  ];
}

function ambushLine({ side, call, row, members }: Ambush): string {
  return `after ${side} call ${call}: row ${row} of it is ${members === undefined ? "deleted" : "changed"}`;
}

function runLine({ startMs, kill, stall, interruptMs, stopMs }: PlannedRun): string {
  return [
    `at ${startMs} ms the command`,
    kill && `killed ${kill.when} its call ${kill.call}`,
    stall && `stalled at ${stall.atMs} ms for ${stall.forMs} ms`,
    interruptMs === undefined ? undefined : `interrupted at ${interruptMs} ms`,
    stopMs === undefined ? undefined : `told to stop at ${stopMs} ms`,
  ].filter((part) => part !== undefined).join(", ");
}

function editLine({ atMs, side, table, key, members }: Edit, tables: readonly SimulatedTable[]): string {
  const planned = tables[table];
  const where = planned?.keys[key];
  const what = members === undefined ? "deleted" : "written";
  return `at ${atMs} ms ${where ? textOf(where) : "?"} of ${planned?.table} in the ${side} is ${what}`;
}
