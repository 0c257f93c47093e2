import { World } from "./world";

/** What holds of a source in order holds of one without: the same suites once more, over such a one. */
World.unorderedSource = true;

describe("over a source without an order", () => {
  for (const suite of ["copy", "conflicts", "interrupted", "ownRows", "lateWrites", "wrongIndex"]) {
    jest.requireActual(`./${suite}.test`);
  }
});
