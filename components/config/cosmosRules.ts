import { refuseThroughput } from "../azure/cosmosThroughput";
import { COSMOS_ACCOUNT_NAME, cosmosSettings } from "./cosmos";
import { COPY_THROUGHPUT_DEFAULT, STEADY_THROUGHPUT_DEFAULT } from "./destination";
import { nearest, show } from "./mistakes";
import { mergedCollisions, RESERVED_IN_COSMOS } from "./renames";
import { OF_A_PHASE } from "./phase";
import { OF_A_CONTAINER_JOB, OF_A_HOST } from "./schedule";
import { part, type Finding, type Written } from "./written";

const isCosmos = (written: Written) => part(written, "destination")["kind"] === "cosmos";

function keysOfTheKind(written: Written): readonly Finding[] {
  const side = part(written, "destination");
  if (side["kind"] !== undefined && side["kind"] !== "storage" && side["kind"] !== "cosmos") return [];
  const foreign = isCosmos(written) ? ["sku", "sharedKeyAccess"] : Object.keys(cosmosSettings);
  const [here, there] = isCosmos(written) ? ["cosmos", "storage"] : ["storage", "cosmos"];
  return foreign.filter((key) => side[key] !== undefined).map((key): Finding => {
    return [`destination.${key}`, `is of a destination of kind ${there}, and this is ${here}. Remove one of the two.`];
  });
}

function accountNameOfTheKind(written: Written): readonly Finding[] {
  const { account } = part(written, "destination");
  if (typeof account !== "string" || /<[^<>]*>/.test(account)) return [];
  if (isCosmos(written)) {
    if (COSMOS_ACCOUNT_NAME.test(account)) return [];
    const remedy = "Write 3 to 44 lower-case letters, digits and hyphens, no hyphen at either end.";
    return [["destination.account", `${show(account)} is not a Cosmos DB account's name. ${remedy}`]];
  }
  if (/^[a-z0-9]{3,24}$/.test(account)) return [];
  const remedy = "Write 3 to 24 lower-case letters and digits.";
  return [["destination.account", `${show(account)} is not a storage account's name. ${remedy}`]];
}

function cosmosNamesItsTables(written: Written): readonly Finding[] {
  if (!isCosmos(written) || written["tables"] !== "all" || part(written, "destination")["existing"] === "account") {
    return [];
  }
  const message = "\"all\" says not which tables to make, and on Cosmos DB each has a throughput of its own.";
  return [["tables", `${message} Name the tables.`]];
}

/** Names of the tables in the destination, as they are written. */
function destinationTables(written: Written): readonly string[] {
  const tables = written["tables"];
  if (typeof tables !== "object" || tables === null) return [];
  return Object.entries(tables).flatMap(([key, settings]) => {
    if (typeof settings === "string") return [settings];
    const { table, newName } = (settings ?? {}) as Written;
    const name = newName ?? table ?? (Array.isArray(tables) ? undefined : key);
    return typeof name === "string" ? [name] : [];
  });
}

function throughputFitsTheTables(written: Written): readonly Finding[] {
  if (!isCosmos(written)) return [];
  const side = part(written, "destination");
  const names = destinationTables(written);
  const own = part(side, "tableThroughput");
  const strangers = Object.keys(own).filter((name) => !names.includes(name)).map((name): Finding => {
    const meant = nearest(name, names);
    const hint = meant === undefined ? `There are ${names.join(", ") || "none"}.` : `Did you mean \`${meant}\`?`;
    return [`destination.tableThroughput.${name}`, `${show(name)} is no table of the destination. ${hint}`];
  });
  const number = (value: unknown, otherwise: number) => (typeof value === "number" ? value : otherwise);
  const copy = number(side["copyThroughput"], COPY_THROUGHPUT_DEFAULT);
  const steady = number(side["steadyThroughput"], STEADY_THROUGHPUT_DEFAULT);
  const general = ["destination.steadyThroughput", "destination.copyThroughput"];
  const findings = names.flatMap((name): Finding[] => {
    const { copyThroughput, steadyThroughput } = part(own, name);
    const reached = { name, copyThroughput: number(copyThroughput, copy) };
    // Numbers that are no multiples have been found wanting already, each in its place.
    const reason = refuseThroughput({ ...reached, steadyThroughput: number(steadyThroughput, steady) })
      .find((text) => text.includes("tenth"));
    const at = own[name] === undefined ? general[0] : `destination.tableThroughput.${name}`;
    return reason === undefined ? [] : [[at ?? "", reason]];
  });
  return [...strangers, ...findings];
}

function textMap(value: unknown): Readonly<Record<string, string>> {
  const entries = typeof value === "object" && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}

function renamesHold(written: Written): readonly Finding[] {
  const general = textMap(written["renames"]);
  const tables = written["tables"];
  if (written["renames"] !== undefined && tables === "all") {
    return [["renames", "are for tables that are named, and tables is \"all\". Name the tables."]];
  }
  const named = typeof tables === "object" && tables !== null ? Object.entries(tables) : [];
  const reserved = (path: string, renames: Readonly<Record<string, string>>) =>
    (isCosmos(written) ? Object.entries(renames) : [])
      .filter(([, to]) => RESERVED_IN_COSMOS.test(to))
      .map(([from, to]): Finding => [`${path}.${from}`,
        `${show(to)} belongs to Cosmos DB itself, in any casing (id, rid, etag, ResourceId). Choose another name.`]);
  return [
    ...reserved("renames", general),
    ...named.flatMap(([name, settings]) => {
      const own = textMap(typeof settings === "object" && settings !== null ? (settings as Written)["renames"] : {});
      const merged = Object.keys(general).length > 0 ? mergedCollisions(name, general, own) : [];
      const collisions = merged.map(({ path, message }): Finding => [path, message]);
      return [...reserved(`tables.${name}.renames`, own), ...collisions];
    }),
  ];
}

function phaseIsComplete(written: Written): readonly Finding[] {
  const phase = written["phase"];
  if (phase === undefined) {
    const idle = [...OF_A_PHASE, "schedule"].filter((key) => written[key] !== undefined);
    return idle.map((key): Finding => {
      return [key, "has no effect without a phase. Write `phase: sync` for a move without downtime, or remove it."];
    });
  }
  const findings: Finding[] = [];
  if (written["temporaryAccess"] === "closed" && phase !== "done") {
    findings.push(["temporaryAccess", `"closed" leaves phase ${show(phase)} without access. Set phase to done, once `
      + "the source is drained: that closes access too."]);
  }
  if (written["deletes"] === "accept") {
    const why = "\"accept\" keeps rows that the source deleted, and with a phase the destination takes over.";
    findings.push(["deletes", `${why} Set deletes to propagate or report.`]);
  }
  return findings;
}

function scheduleIsComplete(written: Written): readonly Finding[] {
  const schedule = part(written, "schedule");
  const kind = schedule["kind"];
  if (kind !== "containerJob" && kind !== "systemd" && kind !== "cron") return [];
  const inAzure = kind === "containerJob";
  const foreign = (inAzure ? OF_A_HOST : OF_A_CONTAINER_JOB).filter((key) => schedule[key] !== undefined);
  const findings = foreign.map((key): Finding => {
    return [`schedule.${key}`, `is not of a schedule of kind ${kind}. Remove it.`];
  });
  if (!inAzure) return findings;
  if (schedule["image"] === undefined) {
    findings.push(["schedule.image", "is missing; it is the image with landbridge that the job runs. Write it."]);
  }
  if (written["vault"] === false) {
    const why = "false leaves the job without its credentials, which it gets by reference to the vault.";
    findings.push(["vault", `${why} Set it to true, or schedule on a host (systemd, cron).`]);
  }
  if (schedule["environmentId"] !== undefined && schedule["subnetId"] !== undefined) {
    findings.push(["schedule.subnetId", "has no effect with environmentId. Remove one of the two."]);
  }
  const { subnetIds } = part(written, "environment");
  const letIn = Array.isArray(subnetIds) ? subnetIds : [];
  if (typeof schedule["subnetId"] === "string" && !letIn.includes(schedule["subnetId"])) {
    const why = "is not among environment.subnetIds: no account would let the job in.";
    findings.push(["schedule.subnetId", `${show(schedule["subnetId"])} ${why} Add it there.`]);
  }
  return findings;
}

/** Rules of a destination on Cosmos DB, of renames over all tables, of phases and of the schedule. */
export const COSMOS_RULES: readonly ((written: Written) => readonly Finding[])[] = [
  keysOfTheKind, accountNameOfTheKind, cosmosNamesItsTables, throughputFitsTheTables, renamesHold,
  phaseIsComplete, scheduleIsComplete,
];
