/** Handlers may not import Pulumi; their tests compare with it. */
export * as pulumi from "@pulumi/pulumi";
