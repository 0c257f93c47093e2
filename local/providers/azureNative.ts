import type { Provider } from "@pulumi/pulumi/provider";
export function azureNative(_: Readonly<Record<string, unknown>>): Provider {
  return { version: "3.28.0" };
}
