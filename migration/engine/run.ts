import type { RunContext } from "./context";
import { Gate } from "./gate";
import { Meter } from "./meter";
import { RangeSlots } from "./rangeSlots";
import type { Retrying } from "./retry";
import type { RunSettings } from "./settings";

/** A run's shared parts: the context, a gate per account, the meter, room for ranges. */
export interface Run {
  readonly context: RunContext;
  readonly settings: RunSettings;
  /** The context's signal, or ours: a lost lease and a stop marker end the run too. */
  readonly signal: AbortSignal;
  readonly reading: Retrying;
  readonly writing: Retrying;
  readonly meter: Meter;
  readonly slots: RangeSlots;
}

export function newRun(context: RunContext, settings: RunSettings, signal: AbortSignal): Run {
  const { clock, random } = context;
  const gateOf = (name: string) => new Gate(settings.concurrency, clock, signal, name);
  const reading: Retrying = { clock, random, signal, gate: gateOf(context.source.name) };
  const writing: Retrying = { clock, random, signal, gate: gateOf(context.destination.name) };
  const meter = new Meter(context, settings.tables.length, [reading.gate, writing.gate]);
  return { context, settings, signal, reading, writing, meter, slots: new RangeSlots() };
}
