// Runs `countersign node` with each configuration that its arguments name, none of which can start a node.
import { runCommandLine } from "../../../src/cli/command-line.ts";

// Each attempt listens for the signals that end a node.
process.setMaxListeners(0);
for (const file of process.argv.slice(2)) {
  const code = await runCommandLine(["node", "--config", file], process);
  process.stdout.write(`exit code ${code}\n`);
}
process.exit(0);
