import type { SimulatedResponse } from "./http";

/**
 * Errors as the service answers them. Codes, statuses and wording are the documented ones
 * (learn.microsoft.com/rest/api/storageservices/table-service-error-codes and common-rest-api-error-codes).
 */
export class ServiceError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    /** Extra response headers, such as Retry-After. */
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.name = "ServiceError";
  }
}

/** An answer of which only the beginning arrives. */
export interface TornAnswer {
  /** The whole of it: its length is what Content-Length says. */
  readonly response: SimulatedResponse;
  /** Bytes of the body that arrive. */
  readonly bytes: number;
  /** The connection ends in good order (FIN) or is reset (RST). */
  readonly end: "close" | "reset";
}

const MOMENTS = {
  beforeCommit: "before the work was done",
  afterCommit: "after the work was done",
  inAnswer: "in the middle of the answer",
} as const;

/** The connection went away: thrown to an in-process caller, a broken socket for one on loopback. */
export class ConnectionDropped extends Error {
  constructor(readonly moment: keyof typeof MOMENTS, readonly torn?: TornAnswer) {
    super(`The simulated connection was dropped ${MOMENTS[moment]}.`);
    this.name = "ConnectionDropped";
  }
}

const authorization = (code: string, what: string) => () =>
  new ServiceError(403, code, `This request is not authorized to perform this operation${what}.`);

/** One maker per documented error, so that a code is spelt once. */
export const refuse = {
  authentication: (detail?: string) =>
    new ServiceError(
      403,
      "AuthenticationFailed",
      "Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly " +
        `including the signature.${detail === undefined ? "" : ` ${detail}`}`,
    ),
  authorization: authorization("AuthorizationFailure", ""),
  permission: authorization("AuthorizationPermissionMismatch", " using this permission"),
  resourceType: authorization("AuthorizationResourceTypeMismatch", " using this resource type"),
  service: authorization("AuthorizationServiceMismatch", " using this service"),
  protocol: authorization("AuthorizationProtocolMismatch", " using this protocol"),
  sourceAddress: authorization("AuthorizationSourceIPMismatch", " using this source IP"),

  accountNotFound: () => new ServiceError(404, "ResourceNotFound", "The specified resource does not exist."),
  resourceNotFound: () => new ServiceError(404, "ResourceNotFound", "The specified resource does not exist."),
  tableNotFound: () => new ServiceError(404, "TableNotFound", "The table specified does not exist."),
  tableExists: () => new ServiceError(409, "TableAlreadyExists", "The table specified already exists."),
  tableBeingDeleted: () =>
    new ServiceError(409, "TableBeingDeleted", "The specified table is being deleted. Try operation later."),
  entityExists: () => new ServiceError(409, "EntityAlreadyExists", "The specified entity already exists."),
  conditionNotMet: () =>
    new ServiceError(
      412,
      "UpdateConditionNotSatisfied",
      "The update condition specified in the request was not satisfied.",
    ),

  invalidInput: (detail = "One of the request inputs is not valid.") => new ServiceError(400, "InvalidInput", detail),
  missingHeader: (name: string) =>
    new ServiceError(
      400,
      "MissingRequiredHeader",
      `An HTTP header that's mandatory for this request is not specified: ${name}.`,
    ),
  invalidHeader: (name: string) =>
    new ServiceError(
      400,
      "InvalidHeaderValue",
      `The value for one of the HTTP headers is not in the correct format: ${name}.`,
    ),
  outOfRange: (name: string, value: string) =>
    new ServiceError(400, "OutOfRangeInput", `The '${name}' parameter of value '${value}' is out of range.`),
  resourceName: () =>
    new ServiceError(400, "InvalidResourceName", "The specifed resource name contains invalid characters."),
  resourceNameLength: () =>
    new ServiceError(
      400,
      "OutOfRangeInput",
      "The specified resource name length is not within the permissible limits.",
    ),
  keyTooLarge: (name: string) =>
    new ServiceError(
      400,
      "KeyValueTooLarge",
      `The '${name}' property exceeds the maximum allowed key size (2KB). It is a UTF-16 encoded string and the ` +
        "maximum number of characters should be 1K or less.",
    ),
  keyType: () =>
    new ServiceError(400, "PrimaryKeyPropertyIsInvalidType", "The type of the primary key property is invalid."),
  keyChanged: () =>
    new ServiceError(
      400,
      "PartitionKeyPropertyCannotBeUpdated",
      "The key in the entity is not the key in the request's address.",
    ),
  propertiesNeedValue: () =>
    new ServiceError(
      400,
      "PropertiesNeedValue",
      "The values are not specified for all properties in the entity.",
    ),
  duplicateProperty: () =>
    new ServiceError(400, "DuplicatePropertiesSpecified", "A property is specified more than once."),
  propertyName: () => new ServiceError(400, "PropertyNameInvalid", "The property name is invalid."),
  propertyNameLength: () =>
    new ServiceError(400, "PropertyNameTooLong", "The property name exceeds the maximum allowed length (255)."),
  propertyTooLarge: () =>
    new ServiceError(
      400,
      "PropertyValueTooLarge",
      "The property value exceeds the maximum allowed size (64KB). If the property value is a string, it is UTF-16 " +
        "encoded and the maximum number of characters should be 32K or less.",
    ),
  tooManyProperties: () =>
    new ServiceError(
      400,
      "TooManyProperties",
      "The entity contains more properties than allowed. Each entity can include up to 252 properties to store " +
        "data. Each entity also has 3 system properties.",
    ),
  entityTooLarge: () =>
    new ServiceError(400, "EntityTooLarge", "The entity is larger than the maximum allowed size (1MB)."),
  bodyTooLarge: () =>
    new ServiceError(
      413,
      "RequestBodyTooLarge",
      "The request body is too large and exceeds the maximum permissible limit.",
    ),
  mediaType: () => new ServiceError(415, "MediaTypeNotSupported", "None of the provided media types are supported"),
  atom: () => new ServiceError(415, "AtomFormatNotSupported", "Atom format is not supported."),
  method: () =>
    new ServiceError(405, "MethodNotAllowed", "The requested method is not allowed on the specified resource."),
  notImplemented: () =>
    new ServiceError(501, "NotImplemented", "The requested operation is not implemented on the specified resource."),
  duplicateRow: () =>
    new ServiceError(
      400,
      "InvalidDuplicateRow",
      "The batch request contains multiple changes with same row key. An entity can appear only once in a batch " +
        "request.",
    ),
  differentPartitions: () =>
    new ServiceError(
      400,
      "CommandsInBatchActOnDifferentPartitions",
      "All commands in a batch must operate on same entity group.",
    ),
  invalidXml: () => new ServiceError(400, "InvalidXmlDocument", "XML specified is not syntactically valid."),
  busy: (status: 503 | 429, retryAfterSeconds: number | undefined, retryAfterMs?: number) =>
    new ServiceError(
      status,
      status === 503 ? "ServerBusy" : "TooManyRequests",
      status === 503 ? "The server is busy." : "The request rate is too large. Please retry after sometime.",
      {
        ...(retryAfterSeconds !== undefined && { "retry-after": String(retryAfterSeconds) }),
        ...(retryAfterMs !== undefined && { "x-ms-retry-after-ms": String(retryAfterMs) }),
      },
    ),
} as const;
