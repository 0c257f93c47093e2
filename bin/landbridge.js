#!/usr/bin/env node
// The command-line entry: the TypeScript sources are transpiled on load, so there is no build step to forget.
// What transpiles looks into every file that is loaded after it: packages come first, and start-up takes half as long.
for (const name of ["undici", "zod", "commander"]) require(name);
require("tsx/cjs");
require("../migration/cli.ts");
