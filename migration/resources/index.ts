export { TableSas, type TableSasArgs } from "./tableSas";
export { NetworkOpening, type NetworkOpeningArgs, type AddedRules } from "./networkOpening";
export { KeyRotation, type KeyRotationArgs } from "./keyRotation";
export { TableCopy, type TableCopyArgs } from "./tableCopy";
export type { CopyPlan } from "../handlers/copyPlan";
export type { TableSummary } from "../handlers/tableSummary";
export { TableVerification, type TableVerificationArgs } from "./tableVerification";
export type { TableInput } from "./tableInput";
export type { AccountRef } from "../access/accountRef";
