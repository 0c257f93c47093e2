import { stat } from "node:fs/promises";

import { OperationalError } from "../engine/errors";
import type { VerifyLevel } from "../engine/settings";
import { checkReport, REPORT_BYTES_MAX } from "../report/check";
import { checkEvidence, signatureFileOf } from "../report/evidence/evidence";
import { laggingReason } from "../report/lag";
import { isBelow } from "../report/levels";
import { claimedKey } from "../report/evidence/jws";
import { readPublicKey } from "../report/evidence/publicKey";
import { renderHtml } from "../report/html/page";
import type { Report } from "../report/schema";
import { formatDuration } from "../report/statusLine";
import { hasRefused } from "../report/words";
import { placeOf, writeFileAtomically } from "../report/write";
import { signingKeyFromEnvironment } from "../run/fromEnvironment";
import { signReportFile } from "../run/signing/signReportFile";
import type { CliIo } from "./io";
import type { Output } from "./output";
import { readText } from "./readText";
import { reportFields, runSummary } from "./summary";

export interface ReportOptions {
  readonly html?: string;
  readonly check?: boolean;
  readonly publicKey?: string;
  readonly signature?: string;
  readonly sign?: boolean;
  readonly lagMinutesMax?: number;
  readonly level?: VerifyLevel;
}

/** Keys and signatures are a few thousand characters; more is another file. */
const EVIDENCE_BYTES_MAX = 64 * 1024;

const EXIT_BY_VERDICT: Readonly<Record<Report["verdict"], number>> = {
  equal: 0, synced: 0, different: 1, incomplete: 3,
};

async function isThere(file: string): Promise<boolean> {
  return stat(file).then(() => true, (error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return false;
    throw error;
  });
}

/** A page that takes the place of the report, or of what proves it, would be the end of the evidence. */
async function refuseOverwriting(file: string, signatureFile: string, options: ReportOptions): Promise<void> {
  const { html, publicKey, sign } = options;
  const written = [html, sign === true ? signatureFile : undefined].filter((one) => one !== undefined);
  const kept = [file, publicKey, sign === true ? undefined : signatureFile].filter((one) => one !== undefined);
  const places = await Promise.all([...written, ...kept].map(async (one) => {
    return (await placeOf(one).catch(() => undefined))?.target ?? one;
  }));
  const clash = written.find((_one, at) => places.indexOf(places[at] ?? "", at + 1) >= 0);
  if (clash === undefined) return;
  throw new OperationalError({
    code: "FileNotWritten",
    message: `${clash} would be written over what is read, or over another output. Give it a path of its own.`,
  });
}

async function signIt(io: CliIo, file: string, report: Report, signatureFile: string): Promise<string> {
  const key = await signingKeyFromEnvironment(io.env);
  if (key === undefined) {
    throw new OperationalError({
      code: "SigningKeyMissing",
      message: "--sign needs a key: set LANDBRIDGE_SIGNING_KEY to a private key in PEM or to a Key Vault key's " +
        "address, or LANDBRIDGE_SIGNING_KEY_FILE to the path of a file that holds one.",
    });
  }
  return `Signed: ${await signReportFile(report, file, await io.ports.openSigner(key), signatureFile)}`;
}

/** What the signature is worth, in a line; checked only where there is a key to trust. */
async function evidenceOf(
  signatureFile: string,
  report: Report,
  options: ReportOptions,
): Promise<string | undefined> {
  const remedy = "Give the .jws file that was written with the report (--signature), or have the report signed.";
  const signature = () =>
    readText(signatureFile, { bytesMax: EVIDENCE_BYTES_MAX, code: "SignatureMissing", remedy });
  if (options.publicKey !== undefined) {
    const keyRemedy = "Give the public key of whoever was to sign.";
    const keyText = await readText(options.publicKey,
      { bytesMax: EVIDENCE_BYTES_MAX, code: "PublicKeyUnreadable", remedy: keyRemedy });
    const publicKey = readPublicKey(keyText, options.publicKey);
    const jws = await signature();
    checkEvidence(report, jws, signatureFile, publicKey);
    return `Signed by the key ${claimedKey(jws, signatureFile)}, and unchanged since: the signature is valid.`;
  }
  const present = options.signature !== undefined || await isThere(signatureFile);
  if (!present) return undefined;
  return `The signature ${signatureFile} was not checked: it claims the key ` +
    `${claimedKey(await signature(), signatureFile)}. --public-key checks it.`;
}

/** A report of last year reads as one of today does, but for this. */
function ageOf({ finishedAt }: Report, nowMs: number): string {
  const ageMs = nowMs - Date.parse(finishedAt);
  const when = ageMs < 0
    ? "which is still to come by this machine's clock: one of the two clocks is wrong"
    : `${formatDuration(ageMs)} ago`;
  return `It ended at ${finishedAt}, ${when}.`;
}

/** What is asked of a report beside its verdict, and is not so. */
function unmetIn(report: Report, { lagMinutesMax, level }: ReportOptions, nowMs: number): readonly OperationalError[] {
  const lagging = lagMinutesMax === undefined ? undefined : laggingReason(report, lagMinutesMax, nowMs);
  const isWeak = level !== undefined && (report.dryRun || isBelow(report.level, level));
  const how = report.dryRun ? "by a dry run, which compares nothing" : `at level ${report.level}`;
  const weak = `The rows were compared ${how}, and ${level} is asked for. Verify: landbridge verify --verify ${level}.`;
  return [
    ...(isWeak ? [new OperationalError({ code: "LevelTooLow", message: weak })] : []),
    ...(lagging === undefined ? [] : [new OperationalError({ code: "Lagging", message: lagging })]),
  ];
}

/**
 * `landbridge report FILE`: reads a report, always checks its hash, and shows it. With `html`, renders it for people;
 * with `check`, the exit code repeats the report's verdict; with `lagMinutesMax`, it is 1 at least where a live move
 * lags by more today, and with `level` where less was compared; with `publicKey`, a signature of that key must be there
 * and fit; with `sign`, it is made. Throws OperationalError for a file that is not as written, or not as signed.
 */
export async function reportCommand(io: CliIo, output: Output, file: string, options: ReportOptions): Promise<number> {
  const remedy = "Give the file that --report wrote.";
  const { signature: signatureFile = signatureFileOf(file) } = options;
  await refuseOverwriting(file, signatureFile, options);
  const text = await readText(file, { bytesMax: REPORT_BYTES_MAX, code: "ReportUnreadable", remedy });
  const report = checkReport(text, file);
  if (options.lagMinutesMax !== undefined && report.command !== "sync") {
    throw new OperationalError({
      code: "OptionsInvalid",
      message: `${file} is the report of a ${report.command}, and only a live move lags: --lag-minutes-max concerns `
        + "reports of `landbridge sync`. Give one, or leave the option away.",
    });
  }
  const signed = options.sign === true ? await signIt(io, file, report, signatureFile) : undefined;
  const evidence = await evidenceOf(signatureFile, report, options);
  if (options.html !== undefined) await writeFileAtomically(options.html, renderHtml(report));
  const verdict = hasRefused(report) ? "different" : report.verdict;
  const exitCode = options.check === true ? EXIT_BY_VERDICT[verdict] : 0;
  const lines = [
    runSummary(report, { report: file, ...(options.html !== undefined && { html: options.html }) }),
    ageOf(report, io.ports.clock.now()),
    ...(evidence === undefined ? ["The hash fits the content. Compare it with the one that the run printed."] : []),
    ...[signed, evidence].filter((line) => line !== undefined),
  ];
  const unmet = unmetIn(report, options, io.ports.clock.now());
  const isSigned = options.publicKey === undefined ? {} : { signature: "valid" };
  output.result(lines.join("\n"), { exitCode, report: reportFields(report), ...isSigned });
  for (const one of unmet) output.error(one);
  return unmet.length === 0 ? exitCode : Math.max(1, exitCode);
}
