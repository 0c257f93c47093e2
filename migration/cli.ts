import { processIo } from "./cli/io";
import { main } from "./cli/main";

// The exit code is set, not forced: what was printed is still on its way when main resolves.
void main(process.argv.slice(2), processIo()).then((exitCode) => {
  process.exitCode = exitCode;
});
