import { OperationalError } from "../../engine/errors";
import type { Dialect } from "./dialect";
import type { HttpAnswer, HttpClient, HttpRequest } from "./http";
import { queryValue } from "./wire/keys";
import { malformed } from "./wire/json";
import { parseRefusal, refusalError, type ServiceRefusal } from "./wire/errors";
import { grantOf, type RefusalContext } from "./wire/remedies";

function answered(answer: HttpAnswer, refusal: ServiceRefusal, codes: readonly string[]): boolean {
  return answer.status >= 400 && codes.includes(refusal.code);
}

/** Sends requests whose refusal is an error, except for codes that are an answer. */
export class Asking {
  constructor(
    readonly http: HttpClient,
    private readonly account: string,
    private readonly dialect: Dialect,
  ) {}

  /**
   * The answer if it succeeded, or the service's code if it is one of `expected`. Anything else is thrown.
   * `rights` are what the request needs, as a SAS spells them. `aboutTable`: what can be missing is the table only.
   */
  async ask(
    request: HttpRequest, rights: string, expected: readonly string[] = [], aboutTable = false,
  ): Promise<{ readonly answer: HttpAnswer; readonly code: string }> {
    const answer = await this.http.send(request);
    if (answer.status >= 200 && answer.status < 300) return { answer, code: "" };
    const told = parseRefusal(answer.body.toString("utf8"), answer.header("x-ms-error-code"));
    const refusal = aboutTable && this.dialect.missingTableIsResource && told.code === "ResourceNotFound"
      ? { ...told, code: "TableNotFound" } : told;
    if (answered(answer, refusal, expected)) return { answer, code: refusal.code };
    const context: RefusalContext = {
      doing: request.doing, account: this.account, rights, writing: request.writing, grant: grantOf(answer.sas),
      serverTimeMs: answer.serverTimeMs,
    };
    throw refusalError(answer.status, refusal, answer.header, context);
  }
}

/** Pages of table names read at most: an account's tables are bounded by what a listing is good for. */
const LIST_PAGES_MAX = 10_000;

/** Lists, finds, creates and deletes tables. */
export class Tables {
  constructor(
    private readonly asking: Asking,
    private readonly place: string,
    /** Tables of a credential bundle; undefined where the credential opens the account. */
    private readonly granted: readonly string[] | undefined,
  ) {}

  async list(): Promise<readonly string[]> {
    if (this.granted !== undefined) return this.granted;
    const names: string[] = [];
    let next: string | undefined = "";
    for (let page = 0; next !== undefined; page++) {
      if (page === LIST_PAGES_MAX) throw malformed(`more than ${LIST_PAGES_MAX} pages of tables`, 0);
      const query: string = next === "" ? "" : `NextTableName=${queryValue(next)}`;
      const { answer } = await this.asking.ask(
        {
          method: "GET", path: "/Tables", query, table: undefined,
          doing: `Listing the tables of ${this.place}`, writing: false,
        },
        "l",
      );
      names.push(...tableNames(answer.body));
      next = answer.header("x-ms-continuation-nexttablename");
    }
    return names;
  }

  /** Asks the table itself: that works with every credential, and needs read only. */
  async exists(table: string): Promise<boolean> {
    const { code } = await this.asking.ask(
      {
        method: "GET", path: `/${table}()`, query: "$top=1&$select=PartitionKey", table,
        doing: `Looking for table "${table}" of ${this.place}`, writing: false,
      },
      "r",
      ["TableNotFound", "TableBeingDeleted", "ResourceNotFound"],
    );
    return code === "";
  }

  async create(table: string): Promise<"created" | "existed"> {
    if (this.granted !== undefined) return this.mustExist(table);
    const { code } = await this.asking.ask(
      {
        method: "POST", path: "/Tables", query: "", table: undefined, writing: true,
        doing: `Creating table "${table}" of ${this.place}`,
        headers: ["content-type", "application/json", "prefer", "return-no-content"],
        body: Buffer.from(JSON.stringify({ TableName: table })),
      },
      "c",
      ["TableAlreadyExists"],
    );
    return code === "" ? "created" : "existed";
  }

  private async mustExist(table: string): Promise<"existed"> {
    if (await this.exists(table)) return "existed";
    throw new OperationalError({
      code: "TableMissing",
      message: `Table "${table}" of ${this.place} does not exist, and a SAS for a table cannot create it. ` +
        "Create the table (\"pulumi up\" does), or give a connection string or an account SAS (srt=co, sp with c).",
      status: 404,
    });
  }

  /** A table that is not there is deleted already. */
  async delete(table: string): Promise<void> {
    await this.asking.ask(
      {
        method: "DELETE", path: `/Tables('${encodeURIComponent(table)}')`, query: "", table: undefined, writing: true,
        doing: `Deleting table "${table}" of ${this.place}`,
      },
      "d",
      ["ResourceNotFound", "TableNotFound", "TableBeingDeleted"],
    );
  }
}

function tableNames(body: Buffer): string[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body.toString("utf8"));
  } catch (error) {
    if (error instanceof SyntaxError) throw malformed("a listing of tables", 0);
    throw error;
  }
  const value = (parsed as { value?: unknown } | null)?.value;
  if (!Array.isArray(value)) throw malformed("a listing of tables", 0);
  return value.map((entry: { TableName?: unknown } | null) => {
    if (typeof entry?.TableName !== "string") throw malformed("a table without a name", 0);
    return entry.TableName;
  });
}
