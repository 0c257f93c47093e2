import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "yaml";
import { openPulumiCrypter, type Crypter } from "./crypter";

/** A Pulumi project and one stack's configuration, as the program will see them. */
export interface Project {
  readonly folder: string;
  readonly name: string;
  /** Absolute path of the program. */
  readonly main: string;
  readonly stack: string;
  /** `namespace:key` -> text; structured values as JSON. */
  readonly config: Readonly<Record<string, string>>;
  /** Keys whose values are, or hold, secrets. */
  readonly secretKeys: readonly string[];
}

type Yaml = null | boolean | number | string | readonly Yaml[] | { readonly [key: string]: Yaml };
type YamlObject = Readonly<Record<string, Yaml>>;

function isObject(value: Yaml | undefined): value is YamlObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function readYaml(file: string): YamlObject {
  const content = parse(readFileSync(file, "utf8")) as Yaml;
  if (content === null) return {};
  if (!isObject(content)) throw new Error(`${file} is not a YAML mapping.`);
  return content;
}

/** `secure:` values at any depth, decrypted; says whether there were any. */
function open(value: Yaml, crypter: () => Crypter): { readonly plain: Yaml; readonly secret: boolean } {
  if (Array.isArray(value)) {
    const opened = (value as readonly Yaml[]).map((each) => open(each, crypter));
    return { plain: opened.map(({ plain }) => plain), secret: opened.some(({ secret }) => secret) };
  }
  if (!isObject(value)) return { plain: value, secret: false };
  const { secure } = value;
  if (typeof secure === "string" && Object.keys(value).length === 1) {
    return { plain: crypter().decrypt(secure), secret: true };
  }
  const opened = Object.entries(value).map(([key, each]) => [key, open(each, crypter)] as const);
  return {
    plain: Object.fromEntries(opened.map(([key, { plain }]) => [key, plain])),
    secret: opened.some(([, { secret }]) => secret),
  };
}

function toText(value: Yaml): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function findMain(folder: string, declared: Yaml | undefined): string {
  const main = typeof declared === "string" ? declared : "";
  const candidates = [main, join(main, "index.ts"), join(main, "index.js")].map((path) => resolve(folder, path));
  const found = candidates.find((path) => /\.[cm]?[jt]s$/.test(path) && existsSync(path));
  if (found === undefined) throw new Error(`No program was found in ${folder}: set main in Pulumi.yaml.`);
  return found;
}

/** Reads Pulumi.yaml and Pulumi.<stack>.yaml. Secrets are decrypted with the passphrase, where there are any. */
export function readProject(folder: string, stack: string, passphrase: string): Project {
  const project = readYaml(join(folder, "Pulumi.yaml"));
  const { name } = project;
  if (typeof name !== "string") throw new Error(`${join(folder, "Pulumi.yaml")} has no name.`);
  const stackFile = join(folder, `Pulumi.${stack}.yaml`);
  const settings = existsSync(stackFile) ? readYaml(stackFile) : {};
  let crypter: Crypter | undefined;
  const openCrypter = (): Crypter => {
    const { encryptionsalt: salt } = settings;
    if (typeof salt !== "string") throw new Error(`${stackFile} holds a secret but no encryptionsalt.`);
    return (crypter ??= openPulumiCrypter(passphrase, salt, stackFile));
  };
  const config: Record<string, string> = {};
  const secretKeys: string[] = [];
  for (const [key, value] of Object.entries(isObject(settings.config) ? settings.config : {})) {
    const full = key.includes(":") ? key : `${name}:${key}`;
    const { plain, secret } = open(value, openCrypter);
    config[full] = toText(plain);
    if (secret) secretKeys.push(full);
  }
  return { folder, name, main: findMain(folder, project.main), stack, config, secretKeys };
}
