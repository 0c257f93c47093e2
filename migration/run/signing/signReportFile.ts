import { OperationalError } from "../../engine/errors";
import { signatureFileOf, signReport } from "../../report/evidence/evidence";
import type { Signer } from "../../report/evidence/jws";
import type { Report } from "../../report/schema";
import { writeFileAtomically } from "../../report/write";

/** Writes a report's signature, to a file beside it unless told, and returns its path. Throws `ReportNotSigned`. */
export async function signReportFile(
  report: Report,
  reportFile: string,
  signer: Signer,
  file = signatureFileOf(reportFile),
): Promise<string> {
  try {
    await writeFileAtomically(file, `${await signReport(report, signer)}\n`);
  } catch (cause) {
    if (!(cause instanceof OperationalError)) throw cause;
    throw new OperationalError({
      code: "ReportNotSigned",
      message: `The report ${reportFile} is written, and not signed. ${cause.message} Then sign it: landbridge ` +
        `report ${reportFile} --sign.`,
      cause,
    });
  }
  return file;
}
