import type { Kind } from "./kind";
import { PROPERTIES } from "./properties";
import { ROWS } from "./rows";
import { TYPES_CHANGED } from "./types";
import { VALUES } from "./values";

export type { Group, Kind } from "./kind";

/** Every way in which a table is attacked. */
export const KINDS: readonly Kind[] = [...VALUES, ...TYPES_CHANGED, ...PROPERTIES, ...ROWS];
