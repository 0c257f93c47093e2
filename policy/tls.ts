import type { ResourceValidationPolicy } from "@pulumi/policy";
import { isAzure } from "./values";

export const tls: ResourceValidationPolicy = {
  name: "tls",
  description: "Accounts take TLS 1.2 or newer, and nothing without it.",
  validateResource: ({ type, props }, report) => {
    if (isAzure(type, "storage:StorageAccount")) {
      if (!["TLS1_2", "TLS1_3"].includes(String(props["minimumTlsVersion"]))) {
        report(`minimumTlsVersion is ${String(props["minimumTlsVersion"] ?? "not set")}. Set it to TLS1_2.`);
      }
      if (props["enableHttpsTrafficOnly"] === false) report("Plain HTTP is taken. Set enableHttpsTrafficOnly to true.");
    }
    if (isAzure(type, "cosmosdb:DatabaseAccount") && props["minimalTlsVersion"] !== "Tls12") {
      report(`minimalTlsVersion is ${String(props["minimalTlsVersion"] ?? "not set")}. Set it to Tls12.`);
    }
  },
};
