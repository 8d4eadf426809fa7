#!/usr/bin/env node
/** The program `countersign`: its arguments in, its exit code out. */
import { enableCompileCache } from "node:module";
import { join } from "node:path";
import { PACKAGE_FOLDER } from "./version.ts";

// Half of a short command's time would be compiling. The cache is beside the code, not in a world-writable folder, because
// Node runs the code in it. If it cannot be written, everything is compiled again.
enableCompileCache(join(PACKAGE_FOLDER, "node_modules", ".cache", "countersign"));
const { runCommandLine } = await import("./command-line.ts");

// Exit explicitly: an open handle, such as the pipe to the parent, must not keep a finished command alive.
process.exit(await runCommandLine(process.argv.slice(2), process));
