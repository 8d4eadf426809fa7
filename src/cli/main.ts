#!/usr/bin/env node
/** The program `countersign`: its arguments in, its exit code out. */
import { enableCompileCache } from "node:module";
import { join } from "node:path";
import { PACKAGE_FOLDER } from "./version.ts";

// Half of a short command's time would be compiling. Beside the code, not in a folder that everyone may write to: what lies
// there is run. Where it cannot be written, all is compiled again.
enableCompileCache(join(PACKAGE_FOLDER, "node_modules", ".cache", "countersign"));
const { runCommandLine } = await import("./command-line.ts");

// Ended, not left to end: what a command has answered no open handle may keep alive, such as the lifeline to a parent.
process.exit(await runCommandLine(process.argv.slice(2), process));
