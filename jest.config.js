/** Transpile without checking types: `npm run types` checks them once, for all. */
module.exports = {
  // Suites leave modules behind in their worker, several GB by the last one, and what comes after them runs at a third
  // of its speed. A worker that holds this much starts anew, which takes a second.
  workerIdleMemoryLimit: 0.5 * 1024 ** 3,
  testEnvironment: "node",
  roots: ["<rootDir>/test"],
  testMatch: ["**/*.test.ts"],
  transform: {
    "^.+\\.ts$": [
      "@swc/jest",
      {
        jsc: { parser: { syntax: "typescript" }, target: "es2022" },
        module: { type: "commonjs" },
        sourceMaps: "inline",
      },
    ],
  },
  testTimeout: 60_000,
  maxWorkers: 2,
};
