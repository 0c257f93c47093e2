import type { Provider } from "@pulumi/pulumi/provider";

/** The part of Pulumi's provider interface that a stand-in has: all that resources and functions need. */
export type StandIn = Required<
  Pick<Provider, "version" | "check" | "diff" | "create" | "read" | "update" | "delete" | "invoke">
>;
