import { ROUND_BYTES_MAX } from "./bucketRounds";
import { ByteBudget, BYTES_AHEAD_MAX, BYTES_IN_FLIGHT_MAX } from "./byteBudget";
import type { RunContext } from "./context";
import { Gate } from "./gate";
import { Meter } from "./meter";
import { RangeSlots } from "./rangeSlots";
import type { Scanning } from "./scan";
import type { RunSettings } from "./settings";

/** A run's shared parts: the context, a gate per account, the meter, room for ranges and rows. */
export interface Run {
  readonly context: RunContext;
  readonly settings: RunSettings;
  /** The context's signal, or ours: a lost lease and a stop marker end the run too. */
  readonly signal: AbortSignal;
  readonly reading: Scanning;
  readonly writing: Scanning;
  readonly meter: Meter;
  readonly slots: RangeSlots;
  /** Segments under way. */
  readonly inFlight: ByteBudget;
  /** Rows that comparisons without an order hold at once, over all tables. */
  readonly rounds: ByteBudget;
}

export function newRun(context: RunContext, settings: RunSettings, signal: AbortSignal): Run {
  const { clock, random } = context;
  const gateOf = (name: string) => new Gate(settings.concurrency, clock, signal, name);
  const ahead = new ByteBudget(BYTES_AHEAD_MAX);
  const reading: Scanning = { clock, random, signal, gate: gateOf(context.source.name), ahead };
  const writing: Scanning = { clock, random, signal, gate: gateOf(context.destination.name), ahead };
  const meter = new Meter(context, settings.tables.length, [reading.gate, writing.gate]);
  const slots = new RangeSlots();
  const inFlight = new ByteBudget(BYTES_IN_FLIGHT_MAX);
  const rounds = new ByteBudget(ROUND_BYTES_MAX);
  return { context, settings, signal, reading, writing, meter, slots, inFlight, rounds };
}
