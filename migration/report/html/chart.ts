import type { ThroughputPoint } from "../schema";
import { formatCount, formatDuration } from "../statusLine";
import { html } from "./markup";
import type { Markup } from "./markup";

const WIDTH = 720;
const HEIGHT = 220;
const LEFT = 56;
const RIGHT = 12;
const TOP = 12;
const BOTTOM = 28;
const PLOT_WIDTH = WIDTH - LEFT - RIGHT;
const PLOT_HEIGHT = HEIGHT - TOP - BOTTOM;

/** 1, 2 or 5 times a power of ten, so that `max` takes about `count` steps of it. */
export function niceStep(max: number, count: number): number {
  const rough = max / count;
  if (!(rough > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= rough) ?? 10;
  return factor * power;
}

/** `850`, `12k`, `1.5M`. */
export function shortCount(count: number): string {
  if (count >= 1_000_000) return `${Number((count / 1_000_000).toFixed(1))}M`;
  if (count >= 1_000) return `${Number((count / 1_000).toFixed(1))}k`;
  return String(Number(count.toFixed(1)));
}

interface Scale {
  readonly untilMs: number;
  readonly top: number;
  readonly step: number;
}

const round = (value: number) => Number(value.toFixed(1));
const x = (atMs: number, scale: Scale) => round(LEFT + (atMs / scale.untilMs) * PLOT_WIDTH);
const y = (rate: number, scale: Scale) => round(TOP + PLOT_HEIGHT - (rate / scale.top) * PLOT_HEIGHT);

interface Stretch {
  readonly phase: ThroughputPoint["phase"];
  readonly points: readonly ThroughputPoint[];
}

/** Points of one phase belong together; each stretch reaches to where the next begins. */
function stretches(points: readonly ThroughputPoint[]): readonly Stretch[] {
  const found: { phase: Stretch["phase"]; points: ThroughputPoint[] }[] = [];
  for (const point of points) {
    const last = found.at(-1);
    if (last !== undefined && last.phase === point.phase) last.points.push(point);
    else {
      if (last !== undefined) last.points.push({ ...point, phase: last.phase, rowsPerSecond: tail(last.points) });
      found.push({ phase: point.phase, points: [point] });
    }
  }
  return found;
}

function tail(points: readonly ThroughputPoint[]): number {
  return points.at(-1)?.rowsPerSecond ?? 0;
}

function drawStretch({ phase, points }: Stretch, scale: Scale): Markup {
  const line = points.map((point) => `${x(point.atMs, scale)},${y(point.rowsPerSecond, scale)}`).join(" L");
  const first = points[0]?.atMs ?? 0;
  const last = points.at(-1)?.atMs ?? 0;
  const ground = y(0, scale);
  return html`<path class="area ${phase}" d="M${x(first, scale)},${ground} L${line} L${x(last, scale)},${ground} Z"/>
<path class="line ${phase}" d="M${line}"/>`;
}

function drawThrottled(points: readonly ThroughputPoint[], scale: Scale): readonly Markup[] {
  return points.flatMap((point, index) => {
    if (!point.throttled) return [];
    const from = x(point.atMs, scale);
    const to = x(points[index + 1]?.atMs ?? scale.untilMs, scale);
    const width = Math.max(1.5, round(to - from));
    return [html`<rect class="slowed" x="${from}" y="${TOP + PLOT_HEIGHT + 2}" width="${width}" height="3"/>`];
  });
}

function drawGrid(scale: Scale): readonly Markup[] {
  const lines: Markup[] = [];
  for (let rate = 0; rate <= scale.top + scale.step / 2; rate += scale.step) {
    const at = y(rate, scale);
    lines.push(html`<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at}" y2="${at}"/>
<text class="tick" x="${LEFT - 8}" y="${at + 4}" text-anchor="end">${shortCount(rate)}</text>`);
  }
  for (const part of [0, 0.5, 1]) {
    const anchor = part === 0 ? "start" : part === 1 ? "end" : "middle";
    lines.push(html`<text class="tick" x="${round(LEFT + part * PLOT_WIDTH)}" y="${HEIGHT - 6}"
 text-anchor="${anchor}">${part === 0 ? "start" : formatDuration(scale.untilMs * part)}</text>`);
  }
  return lines;
}

function legend(points: readonly ThroughputPoint[]): Markup {
  const phases = (["copy", "verify"] as const).filter((phase) => points.some((point) => point.phase === phase));
  const slowed = points.some((point) => point.throttled);
  return html`<p class="legend">${phases.map((phase) =>
    html`<span><i class="swatch ${phase}"></i>${phase === "copy" ? "copying" : "verifying"}</span>`)}${
    slowed ? html`<span><i class="swatch slowed"></i>slowed by a service</span>` : ""}</p>`;
}

/** Rows per second over the run's time, as an inline SVG; nothing where there are not two points to join. */
export function throughputChart(all: readonly ThroughputPoint[]): Markup | undefined {
  const points = all.filter((point) => point.phase !== "preflight");
  const last = points.at(-1);
  if (points.length < 2 || last === undefined || last.atMs <= 0) return undefined;
  const most = Math.max(...points.map((point) => point.rowsPerSecond));
  const step = niceStep(most, 4);
  const scale: Scale = { untilMs: last.atMs, step, top: Math.max(step, Math.ceil(most / step) * step) };
  const label = `Rows per second over ${formatDuration(scale.untilMs)}; at most ${formatCount(most)} rows per second.`;
  return html`<figure class="chart">
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${label}">
${drawGrid(scale)}${stretches(points).map((stretch) => drawStretch(stretch, scale))}${drawThrottled(points, scale)}
</svg>
<figcaption>${legend(points)}<p class="muted">${label}</p></figcaption>
</figure>`;
}
