// Upgrades of a store on disk in a process that is killed after every batch, and again after every batch of the
// resumed upgrade.
import { spawn } from "node:child_process";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import { toHex } from "../../src/primitives/bytes.ts";
import { entriesIn } from "../../src/storage/key-value.ts";
import { EVERYTHING } from "../../src/storage/keys.ts";
import { levelEngine } from "../../src/storage/level-engine.ts";
import { createStore, openStore } from "../../src/storage/store-factory.ts";
import { sweep } from "../support/sweep.ts";
import { identity } from "./crash-record.ts";
import { sampleCommit } from "./sample-chain.ts";
import { codeOf } from "./store-checks.ts";

const BLOCKS = 12;
/** Each step reports its beginning, each batch and its end; a resumed step makes at least one batch. */
const REPORTS = 2 * (1 + BLOCKS / 4 + 1);
const KILLS = sweep({ all: [1, 2, 3], share: [2] });
const CHILD = fileURLToPath(new URL("./migration-crash-child.ts", import.meta.url));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "countersign-upgrade-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

it.each(KILLS)(
  "an upgrade killed at its report %i, again and again, ends as one that was not",
  async (killAt) => {
    const [whole, killed] = [join(folder, "whole"), join(folder, "killed")];
    const store = await createStore({ engine: "level", location: whole, identity });
    for (let at = 1; at <= BLOCKS; at++) await store.chain.commit(sampleCommit(at));
    await store.close();
    await cp(whole, killed, { recursive: true });
    expect(await upgrade(whole, 0)).toBe("ended");
    let kills = 0;
    while ((await upgrade(killed, kills === 0 ? killAt : 2)) === "killed") kills += 1;
    expect(kills).toBeGreaterThanOrEqual(3);
    expect(kills).toBeLessThan(REPORTS);
    expect(await recordsOf(killed)).toEqual(await recordsOf(whole));
    const failure = await openStore({ engine: "level", location: killed, identity }).catch(
      (error: unknown) => error,
    );
    expect(codeOf(failure)).toBe("newerSchema");
  },
  180_000,
);

function upgrade(location: string, killAt: number): Promise<"ended" | "killed"> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [CHILD, location, `${killAt}`], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    let errors = "";
    child.stderr.on("data", (chunk: Buffer) => {
      errors += chunk.toString();
    });
    child.on("error", reject);
    child.on("close", (code, signal) => {
      if (signal === "SIGKILL") resolve("killed");
      else if (code === 0) resolve("ended");
      else reject(new Error(errors));
    });
  });
}

/** All records but the numbers of batches, which count the writes. */
async function recordsOf(location: string): Promise<Map<string, string>> {
  const keyValue = await levelEngine.open(location, { openFilesMax: 100 });
  const records = new Map<string, string>();
  for await (const { key, value } of entriesIn(keyValue, EVERYTHING)) {
    if (key[0] !== "n".charCodeAt(0)) records.set(toHex(key), toHex(value));
  }
  await keyValue.close();
  return records;
}
