import { OperationalError } from "../engine/errors";
import { CREDENTIAL_CHARACTERS_MAX } from "./credentials";
import type { CredentialText } from "./request";
import { type Side, SIDES } from "./side";

const REMEDY = 'Give one JSON object on standard input: {"source": "...", "destination": "..."}.';

function refuse(reason: string): never {
  throw new OperationalError({ code: "CredentialMissing", message: `Standard input ${reason}. ${REMEDY}` });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    // Its message would quote what was given.
    return refuse("is not JSON");
  }
}

/**
 * Both sides' credentials from standard input: how a program hands them over that leaves nothing in the environment, on
 * a disk or on a command line. Throws OperationalError `CredentialMissing`; the message never repeats the input.
 */
export function credentialsFromInput(text: string): Readonly<Record<Side, CredentialText>> {
  if (text.length > 2 * CREDENTIAL_CHARACTERS_MAX) refuse(`holds ${text.length} characters, which no credentials do`);
  if (text.trim() === "") refuse("is empty");
  const value = parsed(text);
  if (typeof value !== "object" || value === null || Array.isArray(value)) refuse("is no object");
  const of = (side: Side): CredentialText => {
    const credential = (value as Readonly<Record<string, unknown>>)[side];
    if (typeof credential !== "string" || credential === "") return refuse(`has no text as its ${side}`);
    return { text: credential, origin: `the ${side} on standard input` };
  };
  const strangers = Object.keys(value).filter((key) => !SIDES.some((side) => side === key));
  if (strangers.length > 0) refuse("has members besides source and destination");
  return { source: of("source"), destination: of("destination") };
}
