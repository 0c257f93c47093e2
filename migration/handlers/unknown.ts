/**
 * What Pulumi hands over in previews in place of a value that is not known yet. Copied from
 * `pulumi.runtime.unknownValue`, where it is frozen: handlers import nothing of Pulumi, so that others can call them.
 */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Whether a value is, or holds anywhere inside, one that is not known yet. */
export function holdsUnknown(value: unknown): boolean {
  if (value === UNKNOWN) return true;
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).some(holdsUnknown);
}
