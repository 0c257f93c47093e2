/**
 * Builds what a migration host gets (see docs/migration-host.md) and prints its path and sha256: for whoever wants to
 * look into it, or brings it to a host by other means. `npm run bundle [folder]`
 */
require("tsx/cjs");

const { buildHostBundle } = require("../components/host/bundle.ts");

const { file, sha256 } = buildHostBundle(process.argv[2] ?? ".landbridge/host");
process.stdout.write(`${file}\nsha256 ${sha256}\n`);
