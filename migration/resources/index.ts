export { TableSas, type TableSasArgs } from "./tableSas";
export { NetworkOpening, type NetworkOpeningArgs, type AddedRules } from "./networkOpening";
export { KeyRotation, type KeyRotationArgs } from "./keyRotation";
export { TableCopy, type TableCopyArgs, type CopyPlan, type TableSummary } from "./tableCopy";
export { TableVerification, type TableVerificationArgs } from "./tableVerification";
export type { TableInput } from "./tableInput";
export type { AccountRef } from "../access/accountRef";
