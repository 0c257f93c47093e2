import { World } from "./world";

/** What holds of a destination in order holds of one without: the same suites once more, over such a one. */
World.unorderedDestination = true;

describe("over a destination without an order", () => {
  for (const suite of ["copy", "conflicts", "interrupted", "ownRows", "lateWrites", "wrongIndex"]) {
    jest.requireActual(`./${suite}.test`);
  }
});
