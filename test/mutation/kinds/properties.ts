import { randomName, randomProperty } from "../arbitrary";
import { sameProperty, text, withProperty } from "../row";
import { type Kind, onProperty } from "./kind";

const OTHER_CASE = (name: string) => (name === name.toLowerCase() ? name.toUpperCase() : name.toLowerCase());

/** Adds a property to a row that has room for it and none of that name. */
function extra(name: string, property: (chance: Parameters<Kind["make"]>[1]) => ReturnType<typeof text>): Kind {
  return {
    name,
    group: "property",
    make(rows, chance) {
      const row = chance.pick(rows);
      const added = property(chance);
      if (row.properties.length >= 250 || row.properties.some((one) => one.name === added.name)) return undefined;
      return [{ before: row, after: { ...row, properties: [...row.properties, added] } }];
    },
  };
}

const missing: Kind = {
  name: "a property missing",
  group: "property",
  make(rows, chance) {
    const row = chance.pick(rows.filter(({ properties }) => properties.length > 0));
    return [{ before: row, after: withProperty(row, chance.pick(row.properties).name) }];
  },
};

const allMissing: Kind = {
  name: "every property missing",
  group: "property",
  make(rows, chance) {
    const row = chance.pick(rows.filter(({ properties }) => properties.length > 0));
    return [{ before: row, after: { ...row, properties: [] } }];
  },
};

const swapped: Kind = {
  name: "two properties' values swapped",
  group: "property",
  make(rows, chance) {
    const row = chance.pick(rows);
    if (row.properties.length < 2) return undefined;
    const [a, b] = chance.shuffled(row.properties);
    if (a === undefined || b === undefined || sameProperty(a, b)) return undefined;
    const properties = row.properties.map((one) =>
      one === a ? { ...b, name: a.name } : one === b ? { ...a, name: b.name } : one);
    return [{ before: row, after: { ...row, properties } }];
  },
};

export const PROPERTIES: readonly Kind[] = [
  missing,
  allMissing,
  swapped,
  extra("a property more", (chance) => randomProperty(chance, randomName(chance))),
  extra("a property more, an empty string", (chance) => text(randomName(chance), "")),
  onProperty("property", "a name in another case", (property) => ({ ...property, name: OTHER_CASE(property.name) })),
  onProperty("property", "a name with a digit more", (property) => ({
    ...property,
    name: `${property.name}1`.slice(-255),
  })),
  onProperty("property", "a name in another Unicode normal form", (property) => ({
    ...property,
    name: property.name.normalize("NFD"),
  })),
  onProperty("property", "null instead of a value", (property) => ({ ...property, lexeme: "null" }), true),
];
