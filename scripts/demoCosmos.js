/** `npm run demo:cosmos`: installs what is missing, then plays a move without downtime. Arguments: --rows, --seed. */
const { join } = require("node:path");

const { project, setUp } = require("./setUp");

setUp();
require(require.resolve("tsx/cjs", { paths: [project] }));
require(join(project, "test", "zeroDowntime", "main.ts"));
