#!/usr/bin/env node
// The `countersign` command: TypeScript in a clone, JavaScript in the package; by the Node that came with it when the one
// found is older.
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
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
 * Bounds on the memory that a node's runtime takes beyond what is live. MiB of each of the two halves for young objects:
 * without it the runtime doubles them up to 64 in the first flood. And how much old objects may grow before they are
 * collected: to twice what is live, where without it a flood fills four times as much with garbage that stays. They are taken at
 * the start of a process only, and one that is set already stays. src/cli/node-processes.ts has the same.
 */
const MEMORY = ["--max-semi-space-size=16", "--heap-growing-percent=100"];
const set = [...process.execArgv, process.env.NODE_OPTIONS ?? ""].join(" ");
const unset = MEMORY.filter((flag) => !set.includes(flag.replace(/=.*/, "")));
const flags = process.argv[2] === "node" ? unset : [];

/**
 * The descriptors above the standard ones that are to hold a passphrase (fd:N), by the command line or the configuration that it
 * names. A process that takes the place of this one would find them closed; a child gets them.
 */
function namedDescriptors() {
  const words = process.argv.slice(2);
  const at = words.indexOf("--config");
  let config = "";
  try {
    if (at !== -1) config = readFileSync(words[at + 1] ?? "", "utf8");
  } catch {
    // The command itself says what is wrong with the file.
  }
  const found = [...words, config].flatMap((text) => [
    ...text.matchAll(/(?:^|["=])fd:(\d{1,4})(?:"|$)/g),
  ]);
  return found.map(([, number]) => Number(number)).filter((number) => number > 2);
}

/** Runs the program in a child, which gets the standard descriptors and those that are named. */
function runInChild(node, named) {
  const last = Math.max(2, ...named);
  const stdio = Array.from({ length: last + 1 }, (_, number) => {
    if (number <= 2) return "inherit";
    return named.includes(number) ? number : "ignore";
  });
  const child = spawn(node, [...flags, main, ...process.argv.slice(2)], { stdio });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => child.kill(signal));
  }
  child.on("exit", (code) => process.exit(code ?? 1));
}

const isOld = Number(process.versions.node.split(".")[0]) < 24;
const ownNode = isOld ? nodeThatCameAlong() : undefined;
const named = namedDescriptors();
if (ownNode !== undefined) {
  runInChild(ownNode, named);
} else if (flags.length > 0 && named.length > 0) {
  runInChild(process.execPath, named);
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
