export { openStack, type LocalStack, type StackOptions } from "./stack";
export { describeEngine, Display } from "./display";
export type { ChangeCounts, PropertyChange, RunEvent, RunResult, StackOutput, Step, StepOp } from "./protocol";
