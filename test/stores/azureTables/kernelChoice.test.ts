import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chooseKernel } from "../../../migration/stores/azureTables/kernel";
import { KERNEL_FILE, loadWasmKernel } from "../../../migration/stores/azureTables/kernel/wasm";

beforeAll(() => {
  execFileSync(process.execPath, [join(__dirname, "..", "..", "..", "scripts", "buildKernel.js")]);
});

describe("the choice of a kernel", () => {
  it("is the fast one where it was built, and what the environment says", () => {
    expect(chooseKernel(undefined).name).toBe("wasm");
    expect(chooseKernel("").name).toBe("wasm");
    expect(chooseKernel("javascript").name).toBe("javascript");
    expect(() => chooseKernel("rust")).toThrow(/LANDBRIDGE_KERNEL is "rust": set it to javascript or wasm/);
  });

  it("does not fall upon a kernel that is missing, or whose digests are of another version", () => {
    const folder = mkdtempSync(join(tmpdir(), "landbridge-kernel-"));
    try {
      const file = join(folder, "kernel.wasm");
      expect(loadWasmKernel(file)).toBeUndefined();
      const bytes = readFileSync(KERNEL_FILE);
      writeFileSync(file, bytes);
      expect(loadWasmKernel(file)?.name).toBe("wasm");
      // An i32 global that is constant and 2: `7f 00 41 02 0b`.
      const version = bytes.indexOf(Buffer.from([0x7f, 0x00, 0x41, 0x02, 0x0b]));
      expect(version).toBeGreaterThan(0);
      bytes[version + 3] = 0x03;
      writeFileSync(file, bytes);
      expect(loadWasmKernel(file)).toBeUndefined();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
