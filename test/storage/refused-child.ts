/**
 * A process to which the operating system refuses something: it opens a store without superuser rights, or without a
 * free file descriptor, and prints the outcome as one JSON line.
 */
import { openSync } from "node:fs";
import { height } from "../../src/primitives/numbers.ts";
import { StorageError } from "../../src/storage/storage-errors.ts";
import { openStore } from "../../src/storage/store-factory.ts";
import { identity } from "./crash-record.ts";

const UNPRIVILEGED = 65_534;
const [location = "", refusal = ""] = process.argv.slice(2);

function takeAllFiles(): void {
  try {
    while (true) openSync("/dev/null", "r");
  } catch {
    // No file descriptor is free now.
  }
}

async function use(): Promise<object> {
  if (refusal === "files at open") takeAllFiles();
  const store = await openStore({ engine: "level", location, identity });
  const block = await store.blocks.loadBlock(height(1));
  const top = (await store.blocks.loadTip())?.height;
  const journal = (await store.journal.load()).length;
  await store.close();
  return { block: block !== undefined, top, journal };
}

if (process.getuid?.() === 0) {
  process.setgid?.(UNPRIVILEGED);
  process.setuid?.(UNPRIVILEGED);
}
const outcome = await use().catch((error: unknown) => {
  if (error instanceof StorageError) return { code: error.code, message: error.message };
  return { raw: `${error}` };
});
process.stdout.write(`${JSON.stringify(outcome)}\n`);
process.exit(0);
