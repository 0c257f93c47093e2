/** The simulated table service: `new SimulatedTableService({...})`, then `handle` in process or `serve` on loopback. */
export type { AccessPolicy } from "./accessPolicies";
export type { AccountOptions } from "./account";
export { SimulatedAccount } from "./account";
export { etagOf, formatTicks, msFromTicks, parseTicks, ticksFromMs } from "./dateTime";
export type { StoredEntity } from "./entity";
export { ConnectionDropped, ServiceError } from "./errors";
export type { FaultKind, FaultRule, RequestSummary } from "./faults";
export type { SimulatedRequest, SimulatedResponse } from "./http";
export type { PagingHabits } from "./paging";
export type { Profile } from "./profile";
export { STORAGE } from "./profile";
export { seededRandom } from "./random";
export type { LogEntry, ServiceOptions } from "./service";
export { SimulatedTableService } from "./service";
export type { SimulatedServer } from "./server";
export { serve } from "./server";
export { sign } from "./signing";
export type { EdmType, EdmValue } from "./values";
