#!/usr/bin/env node
// The command-line entry: the TypeScript sources are transpiled on load, so there is no build step to forget.
require("tsx/cjs");
require("../migration/cli.ts");
