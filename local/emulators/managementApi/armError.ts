/** An error as Azure Resource Manager spells it: `{"error": {"code", "message"}}`. */
export class ArmError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = "ArmError";
  }

  toJson(): { readonly error: { readonly code: string; readonly message: string } } {
    return { error: { code: this.code, message: this.message } };
  }
}

export function notFound(id: string): ArmError {
  const { group, what } = /\/resourceGroups\/(?<group>[^/]+)\/providers\/(?<what>.+)$/i.exec(id)?.groups ?? {};
  const message = `The Resource '${what ?? id}' under resource group '${group ?? "<none>"}' was not found.`;
  return new ArmError(404, "ResourceNotFound", message);
}
