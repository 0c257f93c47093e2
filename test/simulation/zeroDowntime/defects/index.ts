import type { Defect } from "../../defects";

export const DEFECTS: readonly Defect[] = [];
