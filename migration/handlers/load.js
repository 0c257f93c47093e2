/**
 * What shims in Pulumi state call: handler name -> handler. Frozen (see migration/resources/shim.ts).
 * Plain JavaScript, since it is what makes TypeScript loadable.
 */
const HANDLERS = ["tableSas", "networkOpening", "keyRotation", "tableCopy", "tableVerification", "hostReport",
  "formerNetwork", "sourceFence", "hostRun"];

module.exports = function load(name) {
  if (!HANDLERS.includes(name)) {
    throw new Error(`This version of landbridge has no handler "${name}": install the version that wrote the state.`);
  }
  require("tsx/cjs");
  return require(`./${name}.ts`);
};
