#!/usr/bin/env node
// The `countersign` command: TypeScript in a clone, JavaScript in the package; by the Node that came with it when the one
// found is older.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

const inClone = path("../src/cli/main.ts");
const main = existsSync(inClone) ? inClone : path("../dist/src/cli/main.js");

function nodeThatCameAlong() {
  try {
    const name = `node-linux-${process.arch}/package.json`;
    return join(dirname(createRequire(import.meta.url).resolve(name)), "bin", "node");
  } catch {
    return undefined;
  }
}

/**
 * MiB of each of the two halves in which a node's young objects live. Without it the runtime doubles them up to 64 in the first
 * flood and never gives that back. It is taken at the start of a process only, and one that is set already stays.
 */
const YOUNG = "--max-semi-space-size";
const isSet = [...process.execArgv, process.env.NODE_OPTIONS ?? ""].some((text) =>
  text.includes(YOUNG),
);
const flags = process.argv[2] === "node" && !isSet ? [`${YOUNG}=16`] : [];

const isOld = Number(process.versions.node.split(".")[0]) < 24;
const ownNode = isOld ? nodeThatCameAlong() : undefined;
if (ownNode !== undefined) {
  const child = spawn(ownNode, [...flags, main, ...process.argv.slice(2)], { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => child.kill(signal));
  }
  child.on("exit", (code) => process.exit(code ?? 1));
} else {
  await import("./require-node.js");
  // In its place: the process is the one that was started. A channel to its parent would be lost.
  if (flags.length > 0 && process.channel === undefined) {
    const [, , ...args] = process.argv;
    process.execve(process.execPath, [
      process.execPath,
      ...process.execArgv,
      ...flags,
      main,
      ...args,
    ]);
  }
  // A path is no URL: one with # or %20 in it names something else as a URL.
  await import(pathToFileURL(main).href);
}
