import type { Client } from "../client";
import { nodeClient } from "../client";
import type { Settings } from "../options";
import type { Say } from "../output";
import type { Shape } from "../rows";
import type { Figures, Sample, Task } from "../sample";
import { figuresOf, sampleCopy } from "../sample";
import type { ServerProcess } from "../serverProcess";

/** Where the contenders run against each other. */
export interface CopyScene {
  readonly shape: Shape & ("batchable" | "scattered");
  readonly latencyMs: number;
}

export type ContenderName = "pythonTutorial" | "sdkTutorial" | "sdkTuned" | "landbridge";

/** One row of a table of results. */
export interface CopyResult extends CopyScene {
  readonly contender: ContenderName;
  /** How many requests at once, where the bench chose. */
  readonly inFlight?: number;
  /** So few rows that a larger table is only extrapolated to. */
  readonly extrapolated: boolean;
  readonly figures: Figures;
}

interface Contender {
  readonly name: ContenderName;
  readonly client: Client;
  readonly task: Task;
  readonly extrapolated: boolean;
}

export const COPY_SCENES: readonly CopyScene[] = [
  { shape: "batchable", latencyMs: 0 },
  { shape: "batchable", latencyMs: 5 },
  { shape: "scattered", latencyMs: 0 },
  { shape: "scattered", latencyMs: 5 },
];

const IN_FLIGHT_TRIED = [16, 32] as const;
const TABLE: Readonly<Record<CopyScene["shape"], string>> = { batchable: "Batchable", scattered: "Scattered" };

function contenders({ shape }: CopyScene, { rows, contenders: wanted, python }: Settings): readonly Contender[] {
  const tables = [TABLE[shape]];
  const few = (limit: number) => Math.min(limit, rows);
  const all: Contender[] = [];
  // One row a request does not mind how rows are spread: the tutorials are measured once.
  if (shape === "batchable") {
    const tutorial = { client: nodeClient("sdkTutorial"), task: { tables, rows: few(2_000) }, extrapolated: true };
    if (python !== undefined) {
      all.push({ name: "pythonTutorial", client: python, task: { tables, rows: few(500) }, extrapolated: true });
    }
    all.push({ name: "sdkTutorial", ...tutorial });
  }
  const tuned = { tables, rows: few(20_000), batches: shape === "batchable" };
  for (const inFlight of IN_FLIGHT_TRIED) {
    all.push({ name: "sdkTuned", client: nodeClient("sdkTuned"), task: { ...tuned, inFlight }, extrapolated: false });
  }
  all.push({ name: "landbridge", client: nodeClient("landbridge"), task: { tables, rows }, extrapolated: false });
  return all.filter(({ name }) => wanted === undefined || wanted.includes(name));
}

const rate = (samples: readonly Sample[]) => figuresOf(samples).rowsPerSecond.median;

/** After the first round only the better of the tuned clients goes on. */
function better(taken: ReadonlyMap<Contender, Sample[]>): ReadonlyMap<Contender, Sample[]> {
  const tuned = [...taken].filter(([{ name }]) => name === "sdkTuned");
  const best = tuned.sort(([, a], [, b]) => rate(b) - rate(a))[0]?.[0];
  return new Map([...taken].filter(([contender]) => contender.name !== "sdkTuned" || contender === best));
}

/** One scene: every contender in turn, so many rounds, so that what changes on the machine hits all alike. */
async function runScene(
  server: ServerProcess, scene: CopyScene, settings: Settings, say: Say,
): Promise<readonly CopyResult[]> {
  await server.ask({ do: "latency", ms: scene.latencyMs });
  let taken: ReadonlyMap<Contender, Sample[]> = new Map(contenders(scene, settings).map((one) => [one, []]));
  for (let round = 1; round <= settings.rounds; round += 1) {
    for (const [{ name, client, task }, samples] of taken) {
      const sample = await sampleCopy(server, client, task);
      samples.push(sample);
      say(
        `${scene.shape}, ${scene.latencyMs} ms, round ${round}: ${name} ` +
          `${Math.round((sample.rows * 1_000) / sample.elapsedMs)} rows/s, ` +
          `${(sample.cpuUs / sample.rows).toFixed(1)} us CPU a row (server ` +
          `${(sample.serverCpuUs / sample.rows).toFixed(1)}), ${Math.round(sample.rssKib / 1024)} MiB` +
          sample.errors.map((error) => `\n  ${error}`).join(""),
      );
    }
    if (round === 1) taken = better(taken);
  }
  return [...taken].map(([{ name, task, extrapolated }, samples]) => ({
    ...scene,
    contender: name,
    extrapolated,
    ...(task.inFlight !== undefined && { inFlight: task.inFlight }),
    figures: figuresOf(samples),
  }));
}

/** Copies of one table into an empty account, all contenders against each other. */
export async function runCopy(server: ServerProcess, settings: Settings, say: Say): Promise<readonly CopyResult[]> {
  const results: CopyResult[] = [];
  await server.ask({ do: "budget" });
  for (const shape of ["batchable", "scattered"] as const) {
    const scenes = COPY_SCENES.filter((one) => one.shape === shape && settings.latenciesMs.includes(one.latencyMs));
    if (!settings.shapes.includes(shape) || scenes.length === 0) continue;
    await server.ask({ do: "reset", side: "source" });
    await server.seed({ side: "source", table: TABLE[shape], shape, rows: settings.rows });
    for (const scene of scenes) results.push(...(await runScene(server, scene, settings, say)));
  }
  await server.ask({ do: "latency", ms: 0 });
  return results;
}
