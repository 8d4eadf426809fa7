#!/usr/bin/env node
// The `countersign` command: runs src/cli/main.ts, by the project's own Node when the one found is older.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

const ownNode = path("../node_modules/.bin/node");
const isOld = Number(process.versions.node.split(".")[0]) < 24;
if (isOld && existsSync(ownNode)) {
  const child = spawn(ownNode, [path("../src/cli/main.ts"), ...process.argv.slice(2)], {
    stdio: "inherit",
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => child.kill(signal));
  }
  child.on("exit", (code) => process.exit(code ?? 1));
} else {
  await import("./require-node.js");
  await import("../src/cli/main.ts");
}
