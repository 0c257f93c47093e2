import * as permissions from "azurite/dist/src/table/authentication/OperationTableSASPermission";
import TableSASAuthenticator from "azurite/dist/src/table/authentication/TableSASAuthenticator";
import Operation from "azurite/dist/src/table/generated/artifacts/operation";

const BATCH = "$batch";

/**
 * Makes Azurite take batches that a table SAS authorises, as Azure does. Azurite checks the signature and looks for
 * the stored access policy under the name of the path, `$batch`, instead of the table that the SAS names (`tn`), and
 * so refuses every one of them. What it does not do either way is look at the tables inside the batch.
 * It also lets a batch pass with any right, reading included; here it takes one that writes.
 */
export function takeBatchesWithTableSas(): void {
  const { prototype } = TableSASAuthenticator;
  // Called below as a method of the instance it belongs to.
  const validate = Reflect.get(prototype, "validate");
  prototype.validate = async function (request, context) {
    const inner = (context as { readonly context?: { tableName?: string } }).context;
    const table = request.getQuery("tn");
    if (inner?.tableName !== BATCH || table === undefined) return await validate.call(this, request, context);
    inner.tableName = table;
    try {
      return await validate.call(this, request, context);
    } finally {
      inner.tableName = BATCH;
    }
  };
  permissions.OPERATION_TABLE_SAS_TABLE_PERMISSIONS.set(Operation.Table_Batch, {
    validatePermissions: (granted) => /[aud]/.test(String(granted)),
  });
}
