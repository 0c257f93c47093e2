export const SIDES = ["source", "destination"] as const;

/** An account's part in a move. */
export type Side = (typeof SIDES)[number];
