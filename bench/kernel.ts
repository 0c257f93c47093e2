/**
 * `npm run bench:kernel`: what scanning and digesting a page costs with each kernel, in one process, by turns. Asked:
 * WebAssembly at least 1.5 times as fast. Exits 1 where it is not. `--json` prints numbers only.
 */
import { chooseKernel } from "../migration/stores/azureTables/kernel";
import type { Kernel } from "../migration/stores/azureTables/kernel/kernel";
import { scanPage } from "../migration/stores/azureTables/wire/scan";

const PAGES = 8;
const ROWS_PER_PAGE = 1_000;
const ROUNDS = 7;
const PASSES_PER_ROUND = 4;
const RATIO_ASKED = 1.5;

/** An entity of 10 properties, some 700 bytes with ETag and Timestamp; every other one has escapes. */
function entity(i: number): string {
  const time = new Date(Date.UTC(2026, 0, 1) + i * 37).toISOString().replace("Z", "4567Z");
  const note = i % 2 === 0
    ? `First line\\nand \\"a quotation\\" of row ${i}, caf\\u00e9 and more text to fill the property`
    : `A sentence without anything to escape in it, which belongs to row number ${i} of the table`;
  return [
    `{"odata.etag":"W/\\"datetime'${encodeURIComponent(time)}'\\""`,
    `"PartitionKey":"p${String(i >> 10).padStart(8, "0")}","RowKey":"r${String(i).padStart(10, "0")}"`,
    `"Timestamp":"${time}","Name":"Customer number ${i}","City":"Zürich ${i % 97}","Count":${i % 100_000}`,
    `"Balance@odata.type":"Edm.Int64","Balance":"${BigInt(i) * 982_451_653n}","Rate":${(i * 0.37 + 0.5).toFixed(3)}`,
    `"Active":${i % 3 === 0},"Created@odata.type":"Edm.DateTime","Created":"${time}"`,
    `"Token@odata.type":"Edm.Guid","Token":"c9da6455-213d-42c9-9a79-${(0x100000000000 + i).toString(16)}"`,
    `"Data@odata.type":"Edm.Binary","Data":"${Buffer.from(`some bytes of row ${i}`).toString("base64")}"`,
    `"Note":"${note}"}`,
  ].join(",");
}

function page(first: number): Buffer {
  const entities = Array.from({ length: ROWS_PER_PAGE }, (_, i) => entity(first + i));
  return Buffer.from(`{"odata.metadata":"https://x/$metadata#Customers","value":[${entities.join(",")}]}`);
}

/** Microseconds of processor time per entity, and the sum of the digests. */
function round(kernel: Kernel, pages: readonly Buffer[]): { readonly us: number; readonly sum: bigint } {
  const before = process.cpuUsage();
  let sum = 0n;
  let rows = 0;
  for (let pass = 0; pass < PASSES_PER_ROUND; pass++) {
    for (const one of pages) {
      const found = scanPage(one, { keysOnly: false }, kernel);
      rows += found.length;
      sum += found[found.length >> 1]?.digest ?? 0n;
    }
  }
  const { user, system } = process.cpuUsage(before);
  return { us: (user + system) / rows, sum };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] as number;
}

function main(json: boolean): number {
  const pages = Array.from({ length: PAGES }, (_, i) => page(i * ROWS_PER_PAGE));
  const kernels = [chooseKernel("javascript"), chooseKernel("wasm")] as const;
  // Once to warm up, and to see that both say the same.
  const [exact, fast] = kernels.map((kernel) => round(kernel, pages).sum);
  if (exact !== fast) throw new Error(`The kernels disagree: digests add up to ${exact} and ${fast}.`);
  const taken = kernels.map((): number[] => []);
  for (let i = 0; i < ROUNDS; i++) {
    for (const [at, kernel] of kernels.entries()) taken[at]?.push(round(kernel, pages).us);
  }
  const [javascriptUs = NaN, wasmUs = NaN] = taken.map(median);
  const bytes = Math.round(pages.reduce((total, { length }) => total + length, 0) / (PAGES * ROWS_PER_PAGE));
  const ratio = javascriptUs / wasmUs;
  process.stdout.write(json ? `${JSON.stringify({ bytes, javascriptUs, wasmUs, ratio, rounds: ROUNDS })}\n` : [
    `Scan and digest, ${PAGES * ROWS_PER_PAGE} entities of ${bytes} bytes, medians of ${ROUNDS} rounds by turns:`,
    `  JavaScript   ${javascriptUs.toFixed(2)} us of processor time an entity`,
    `  WebAssembly  ${wasmUs.toFixed(2)} us`,
    `  ratio        ${ratio.toFixed(1)} (asked: ${RATIO_ASKED})`,
    "",
  ].join("\n"));
  return ratio >= RATIO_ASKED ? 0 : 1;
}

process.exitCode = main(process.argv.includes("--json"));
