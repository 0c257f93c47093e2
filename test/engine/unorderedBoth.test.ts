import { World } from "./world";

/** Neither side has an order, as from one Cosmos DB account to another. */
World.unorderedSource = true;
World.unorderedDestination = true;

describe("over two sides without an order", () => {
  for (const suite of ["copy", "conflicts", "interrupted", "ownRows", "lateWrites", "wrongIndex"]) {
    jest.requireActual(`./${suite}.test`);
  }
});
