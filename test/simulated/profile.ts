/**
 * What one kind of service accepts. Storage's numbers are those of
 * learn.microsoft.com/azure/storage/tables/scalability-targets and .../understanding-the-table-service-data-model.
 */
export interface Profile {
  readonly name: "storage";
  /** UTF-16 units in a partition key or a row key. */
  readonly keyCharsMax: number;
  /** Besides PartitionKey, RowKey and Timestamp. */
  readonly propertiesMax: number;
  readonly propertyNameCharsMax: number;
  /** Of a string (two bytes a UTF-16 unit) or a binary value. */
  readonly propertyBytesMax: number;
  readonly entityBytesMax: number;
  readonly batchRowsMax: number;
  /** Of a request body, a batch's included. */
  readonly bodyBytesMax: number;
  readonly pageRowsMax: number;
  readonly policiesMax: number;
}

export const STORAGE: Profile = {
  name: "storage",
  keyCharsMax: 1024,
  propertiesMax: 252,
  propertyNameCharsMax: 255,
  propertyBytesMax: 64 * 1024,
  entityBytesMax: 1024 * 1024,
  batchRowsMax: 100,
  bodyBytesMax: 4 * 1024 * 1024,
  pageRowsMax: 1000,
  policiesMax: 5,
};
