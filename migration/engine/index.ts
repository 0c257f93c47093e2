/** The engine's public face: what may be called from outside, and the ports it is given. */
export { copyTables } from "./copy";
export { verifyTables } from "./verify";
export { preflight } from "./preflight";
export { syncTables } from "./sync/syncTables";
export { requestStop } from "./requestStop";
export type { RunContext } from "./context";
