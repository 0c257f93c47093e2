/** `npm run demo`: installs what is missing, then plays the main job on emulators. Arguments: --engine local|pulumi. */
const { join } = require("node:path");

const { project, setUp } = require("./setUp");

setUp();
require(require.resolve("tsx/cjs", { paths: [project] }));
require(join(project, "local", "demo", "main.ts"));
