// Pulumi starts a policy pack without the options that Pulumi.yaml gives the program.
require("tsx/cjs");
require("./pack.ts");
