import { ArmError } from "./armError";

/** A path of Azure Resource Manager, taken apart. Types and literal segments are case-insensitive there. */
export interface ArmId {
  /** The resource's ID as asked for, without collection or action. */
  readonly id: string;
  /** Lower case, such as `microsoft.storage/storageaccounts/tableservices/tables`; groups: `resourcegroups`. */
  readonly type: string;
  /** One per part of the type, outermost first. Without the last one when a collection is meant. */
  readonly names: readonly string[];
  readonly subscription: string;
  /** "" at subscription level. */
  readonly resourceGroup: string;
  /** What an extension (a diagnostic setting, a role assignment) is attached to; else "". */
  readonly scope: string;
  /** `POST .../listKeys`; lower case. Absent for the resource itself and for collections. */
  readonly action?: string;
  /** True for a path that ends in a type: all resources of it. */
  readonly collection: boolean;
}

function pathError(path: string): ArmError {
  return new ArmError(404, "InvalidResourceType", `The path '${path}' names no resource type that can be found here.`);
}

interface Ending {
  readonly types: readonly string[];
  readonly names: readonly string[];
  readonly action?: string;
  readonly collection: boolean;
}

/** `storageAccounts/contoso/listKeys` -> types and names in turn, and what is left over. */
function ending(segments: readonly string[], method: string): Ending {
  const types = segments.filter((_, index) => index % 2 === 0);
  const names = segments.filter((_, index) => index % 2 === 1);
  if (segments.length % 2 === 0) return { types, names, collection: false };
  if (method !== "POST") return { types, names, collection: true };
  return { types: types.slice(0, -1), names, action: types.at(-1)?.toLowerCase() ?? "", collection: false };
}

/** `/subscriptions/S/resourceGroups/G/providers/NAMESPACE/type/name...`, also attached to another resource. */
export function parseArmId(path: string, method: string): ArmId {
  const segments = path.split("/").filter((segment) => segment !== "").map(decodeURIComponent);
  const lower = segments.map((segment) => segment.toLowerCase());
  const subscription = segments[1];
  if (lower[0] !== "subscriptions" || subscription === undefined) throw pathError(path);
  const resourceGroup = lower[2] === "resourcegroups" ? (segments[3] ?? "") : "";
  const provider = lower.lastIndexOf("providers");
  if (provider === -1) {
    if (lower[2] !== "resourcegroups" || segments.length > 4) throw pathError(path);
    const collection = segments.length === 3;
    const names = collection ? [] : [resourceGroup];
    return { id: path, type: "resourcegroups", names, subscription, resourceGroup, scope: "", collection };
  }
  const namespace = lower[provider + 1];
  const rest = segments.slice(provider + 2);
  if (namespace === undefined || rest.length === 0) throw pathError(path);
  const { types, names, action, collection } = ending(rest, method);
  const kept = segments.slice(0, provider + 2 + types.length + names.length - (collection ? 1 : 0));
  return {
    id: `/${kept.join("/")}`,
    type: [namespace, ...types.map((type) => type.toLowerCase())].join("/"),
    names,
    subscription,
    resourceGroup,
    scope: lower.indexOf("providers") === provider ? "" : `/${segments.slice(0, provider).join("/")}`,
    ...(action === undefined ? {} : { action }),
    collection,
  };
}
