import type * as aliasProto from "@pulumi/pulumi/proto/alias_pb";
import type * as proto from "@pulumi/pulumi/proto/resource_pb";
import type { Alias } from "./alias";
import { toProperties, type Properties } from "./value";

/** What the program wants of one resource. */
export interface Goal {
  readonly type: string;
  readonly name: string;
  readonly custom: boolean;
  /** A URN; "" for the stack itself. */
  readonly parent: string;
  readonly inputs: Properties;
  /** `<urn>::<id>`; "" for the default provider. */
  readonly provider: string;
  /** Version of the package's SDK; "" where it is not known. */
  readonly version: string;
  readonly dependencies: readonly string[];
  readonly propertyDependencies: Readonly<Record<string, readonly string[]>>;
  readonly aliases: readonly Alias[];
  /** Absent: as the parent has it. */
  readonly protect?: boolean;
  readonly retainOnDelete?: boolean;
  /** Absent: as the provider wants it. */
  readonly deleteBeforeReplace?: boolean;
  readonly ignoreChanges: readonly string[];
  readonly replaceOnChanges: readonly string[];
  readonly additionalSecretOutputs: readonly string[];
}

function toAlias(alias: aliasProto.Alias): Alias {
  const spec = alias.getSpec();
  if (spec === undefined) return { urn: alias.getUrn() };
  const given = <K extends string>(key: K, text: string): { [key in K]?: string } =>
    (text === "" ? {} : { [key]: text }) as { [key in K]?: string };
  return {
    ...given("name", spec.getName()),
    ...given("type", spec.getType()),
    ...given("stack", spec.getStack()),
    ...given("project", spec.getProject()),
    ...given("parent", spec.getParenturn()),
    ...(spec.getNoparent() ? { noParent: true } : {}),
  };
}

/** Throws where the program asks for what the local engine does not do. */
export function readGoal(request: proto.RegisterResourceRequest): Goal {
  const unsupported = [
    request.getRemote() && "remote components",
    request.getImportid() !== "" && "the option import",
    request.getDeletedwith() !== "" && "the option deletedWith",
    request.getReplaceWithList().length > 0 && "the option replaceWith",
    request.getReplacementTrigger() !== undefined && "the option replacementTrigger",
  ].filter((each) => typeof each === "string");
  if (unsupported.length > 0) {
    throw new Error(`The local engine does not do ${unsupported.join(", ")}: use the Pulumi CLI.`);
  }
  const dependencies = [...request.getPropertydependenciesMap().entries()];
  return {
    type: request.getType(),
    name: request.getName(),
    custom: request.getCustom(),
    parent: request.getParent(),
    inputs: toProperties(request.getObject()?.toJavaScript(), "The inputs"),
    provider: request.getProvider(),
    version: request.getVersion(),
    dependencies: request.getDependenciesList(),
    propertyDependencies: Object.fromEntries(dependencies.map(([key, urns]) => [key, urns.getUrnsList()])),
    aliases: request.getAliasesList().map(toAlias),
    ...(request.hasProtect() ? { protect: request.getProtect() } : {}),
    ...(request.hasRetainondelete() ? { retainOnDelete: request.getRetainondelete() } : {}),
    ...(request.getDeletebeforereplacedefined() ? { deleteBeforeReplace: request.getDeletebeforereplace() } : {}),
    ignoreChanges: request.getIgnorechangesList(),
    replaceOnChanges: request.getReplaceonchangesList(),
    additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
  };
}
