import { REQUEST_KINDS } from "../usage";
import type { Estimate, SideEstimate } from "./estimate";
import { plus } from "./span";

function addSides(a: SideEstimate, b: SideEstimate): SideEstimate {
  const requests = REQUEST_KINDS.map((kind) => [kind, plus(a.requests[kind], b.requests[kind])]);
  const units = a.requestUnits && b.requestUnits && plus(a.requestUnits, b.requestUnits);
  return {
    ...(a.billing && { billing: a.billing }),
    requests: Object.fromEntries(requests) as SideEstimate["requests"],
    bytesReceived: plus(a.bytesReceived, b.bytesReceived),
    ...(units && { requestUnits: units }),
  };
}

/** What two runs over the same tables take, one after the other; what is kept of it in the end is kept once. */
export function addEstimates(first: Estimate, second: Estimate): Estimate {
  return {
    ...first,
    source: addSides(first.source, second.source),
    destination: addSides(first.destination, second.destination),
    seconds: plus(first.seconds, second.seconds),
  };
}
