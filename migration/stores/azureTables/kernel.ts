import { OperationalError } from "../../engine/errors";
import type { Kernel } from "./kernel/kernel";
import { JavaScriptKernel } from "./kernel/javaScript";
import { KERNEL_FILE, loadWasmKernel } from "./kernel/wasm";

/** Says which kernel to use, for measurements and to rule one out: `javascript` or `wasm`. */
export const KERNEL_VARIABLE = "LANDBRIDGE_KERNEL";

let inUse: Kernel | undefined;

/** The kernel that this process uses: the faster one where it was built, unless the environment says otherwise. */
export function kernelInUse(): Kernel {
  inUse ??= chooseKernel(process.env[KERNEL_VARIABLE]);
  return inUse;
}

/** Throws `KernelUnknown` for other names, and `KernelMissing` where one is asked for that was not built. */
export function chooseKernel(wanted: string | undefined): Kernel {
  if (wanted !== undefined && wanted !== "" && wanted !== "javascript" && wanted !== "wasm") {
    throw new OperationalError({
      code: "KernelUnknown",
      message: `${KERNEL_VARIABLE} is ${JSON.stringify(wanted)}: set it to javascript or wasm, or leave it out.`,
    });
  }
  if (wanted === "javascript") return new JavaScriptKernel();
  const fast = loadWasmKernel();
  if (fast !== undefined) return fast;
  if (wanted !== "wasm") return new JavaScriptKernel();
  throw new OperationalError({
    code: "KernelMissing",
    message: `${KERNEL_VARIABLE} asks for wasm, but ${KERNEL_FILE} is not there, or of another version. Run ` +
      '"npm run kernel" in landbridge\'s folder, or leave the variable out.',
  });
}
