import { Agent, request } from "undici";

/** One call of Azure Resource Manager, for services that no SDK here knows. */
export interface ArmRest {
  /** `path` begins with a slash, and may have a query. Throws an error that `managementError` reads. */
  call(method: "GET" | "POST" | "PATCH", path: string, apiVersion: string, body?: object): Promise<unknown>;
}

export interface ArmRestOptions {
  /** Without trailing slash: `https://management.azure.com`. */
  readonly endpoint: string;
  readonly getToken: () => Promise<string>;
  /** Of the stand-in on this machine, in PEM. */
  readonly certificate?: string;
}

const TIMEOUT_MS = 30_000;
/** An answer of the management API is far smaller. */
const ANSWER_BYTES_MAX = 8 * 1024 * 1024;

class ArmFailure extends Error {
  constructor(readonly statusCode: number, readonly code: string, message: string) {
    super(message);
    this.name = "ArmFailure";
  }
}

/** The service's own error where there is one; proxies answer with pages of their own. */
function failureOf(status: number, text: string): ArmFailure {
  let error: { readonly code?: string; readonly message?: string } = {};
  try {
    error = (JSON.parse(text) as { error?: typeof error }).error ?? {};
  } catch (parsing) {
    if (!(parsing instanceof SyntaxError)) throw parsing;
  }
  return new ArmFailure(status, error.code ?? "", error.message ?? `the answer was ${status}`);
}

export function armRest({ endpoint, getToken, certificate }: ArmRestOptions): ArmRest {
  return {
    async call(method, path, apiVersion, body) {
      const token = await getToken();
      const agent = new Agent({
        headersTimeout: TIMEOUT_MS,
        bodyTimeout: TIMEOUT_MS,
        maxResponseSize: ANSWER_BYTES_MAX,
        connect: { timeout: TIMEOUT_MS, ...(certificate === undefined ? {} : { ca: certificate }) },
      });
      try {
        const answer = await request(`${endpoint}${path}${path.includes("?") ? "&" : "?"}api-version=${apiVersion}`, {
          method,
          dispatcher: agent,
          headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        const text = await answer.body.text();
        if (answer.statusCode >= 400) throw failureOf(answer.statusCode, text);
        return text === "" ? {} : (JSON.parse(text) as unknown);
      } finally {
        await agent.close();
      }
    },
  };
}
