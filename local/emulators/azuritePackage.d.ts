/** The parts of Azurite that the emulators use: the package ships no types. */
declare module "azurite/dist/src/table/TableConfiguration" {
  export default class TableConfiguration {
    constructor(
      host: string,
      port: number,
      keepAliveSeconds: number,
      metadataDBPath: string,
      enableDebugLog: boolean,
      enableAccessLog: boolean,
      accessLogWriteStream?: NodeJS.WritableStream,
      debugLogFilePath?: string,
      loose?: boolean,
      skipApiVersionCheck?: boolean,
    );
  }
}

declare module "azurite/dist/src/table/TableServer" {
  import type TableConfiguration from "azurite/dist/src/table/TableConfiguration";
  export default class TableServer {
    constructor(configuration: TableConfiguration);
    start(): Promise<void>;
    close(): Promise<void>;
    getHttpServerAddress(): string;
  }
}

declare module "azurite/dist/src/table/authentication/TableSASAuthenticator" {
  interface Request {
    getQuery(name: string): string | undefined;
  }
  export default class TableSASAuthenticator {
    /** undefined: it is no table SAS. `context` holds what the path named in its own `context`. */
    validate(request: Request, context: unknown): Promise<boolean | undefined>;
  }
}

declare module "azurite/dist/src/table/authentication/OperationTableSASPermission" {
  interface Permission {
    validatePermissions(permissions: unknown): boolean;
  }
  export const OPERATION_TABLE_SAS_TABLE_PERMISSIONS: Map<number, Permission>;
}

declare module "azurite/dist/src/table/generated/artifacts/operation" {
  const Operation: { readonly Table_Batch: number };
  export default Operation;
}
