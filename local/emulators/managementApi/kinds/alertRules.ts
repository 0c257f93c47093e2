/** Names of alert rules (Azure naming rules, Microsoft.Insights). */
export const ALERT_NAME: readonly [RegExp, string] = [
  /^[^*#&+:<>?@%{}\\/|]{0,259}[^*#&+:<>?@%{}\\/|. ]$/,
  "1 to 260 characters, none of *#&+:<>?@%{}\\/|, and no dot or space at the end",
];

export const ACTION_GROUP = new RegExp(
  "^/subscriptions/[^/]+/resourceGroups/[^/]+/providers/microsoft\\.insights/actionGroups/[^/]+$",
  "i",
);

/** Minutes of the durations that alerts take: `PT5M`, `PT6H`, `P2D`. */
export function minutesOf(duration: string): number {
  const { number = "0", unit = "M" } = /^PT?(?<number>\d+)(?<unit>[MHD])$/.exec(duration)?.groups ?? {};
  return Number(number) * ({ M: 1, H: 60, D: 1_440 }[unit] ?? Number.NaN);
}
