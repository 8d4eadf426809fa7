#!/usr/bin/env node
/** The program `countersign`: its arguments in, its exit code out. */
import { runCommandLine } from "./command-line.ts";

// Ended, not left to end: what a command has answered no open handle may keep alive, such as the lifeline to a parent.
process.exit(await runCommandLine(process.argv.slice(2), process));
