/**
 * Goal: a refusal of the operating system is reported with its own remedy, is never reported as damage, and costs no
 * record. Method: a real process without superuser rights, or without a free file descriptor, on a real store.
 */
import { execFile } from "node:child_process";
import { chmod, chown, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { utf8 } from "../../src/primitives/bytes.ts";
import { levelFailure } from "../../src/storage/level-engine.ts";
import { StorageCorruption } from "../../src/storage/storage-errors.ts";
import { createStore, openStore } from "../../src/storage/store-factory.ts";
import { systemRefusal } from "../../src/storage/system-errors.ts";
import { identity } from "./crash-record.ts";
import { sampleCommit } from "./sample-chain.ts";

const CHILD = fileURLToPath(new URL("refused-child.ts", import.meta.url));
const UNPRIVILEGED = 65_534;
const BLOCKS = 6;
const WHOLE = { block: true, top: BLOCKS, journal: BLOCKS };

let folder: string;
let location: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "countersign-refused-"));
  location = join(folder, "store");
  const created = await createStore({ engine: "level", location, identity });
  await fill(created, 1);
  // Each opening turns the log into a table: block 1 ends in a table, the newest block in the log.
  const opened = await openStore({ engine: "level", location, identity });
  await fill(opened, BLOCKS);
  await giveToNobody();
});

afterEach(async () => {
  await chmod(location, 0o700);
  await rm(folder, { recursive: true, force: true });
});

async function fill(store: Awaited<ReturnType<typeof openStore>>, to: number): Promise<void> {
  for (let at = ((await store.blocks.loadTip())?.height ?? 0) + 1; at <= to; at++) {
    await store.journal.append([utf8(`record ${at - 1}`)]);
    await store.chain.commit(sampleCommit(at));
  }
  await store.close();
}

async function giveToNobody(): Promise<void> {
  await chmod(folder, 0o755);
  if (process.getuid?.() !== 0) return;
  for (const name of await readdir(location))
    await chown(join(location, name), UNPRIVILEGED, UNPRIVILEGED);
  await chown(location, UNPRIVILEGED, UNPRIVILEGED);
}

async function fileEnding(ending: string): Promise<string> {
  const name = (await readdir(location)).find((file) => file.endsWith(ending));
  return join(location, name ?? expect.fail(`the store has a file ${ending}`));
}

async function useInChild(refusal = ""): Promise<unknown> {
  const { stdout } = await promisify(execFile)("/bin/sh", [
    "-c",
    'ulimit -n 256; exec "$0" "$@"',
    process.execPath,
    CHILD,
    location,
    refusal,
  ]);
  return JSON.parse(stdout);
}

describe("a store that the operating system refuses", () => {
  it.each([
    ["log", ".log"],
    ["table", ".ldb"],
    ["list of files", "CURRENT"],
    ["folder", ""],
  ])(
    "to let its %s be read is told so at its opening, and is whole afterwards",
    async (_, ending) => {
      const path = ending === "" ? location : await fileEnding(ending);
      await chmod(path, 0o000);
      expect(await useInChild()).toEqual({
        code: "unavailable",
        message:
          `${path}: the operating system refuses it (Permission denied, EACCES); let the user of the node read and ` +
          "write it, then start again; nothing stored was found damaged, so keep it",
      });
      await chmod(path, 0o700);
      expect(await useInChild()).toEqual(WHOLE);
    },
  );

  it("names the limit of open files at its opening, and is whole afterwards", async () => {
    expect(await useInChild("files at open")).toEqual({
      code: "unavailable",
      message: expect.stringMatching(/Too many open files, EMFILE\); raise the limit .*ulimit -n/),
    });
    expect(await useInChild()).toEqual(WHOLE);
  });
});

describe("a read that fails", () => {
  const failing = (message: string, code?: string) =>
    levelFailure(
      "the body of block 5",
      "it cannot be read",
      Object.assign(new Error(message), { code }),
    );

  it.each([
    ["IO error: /data/store/000005.ldb: Permission denied", "LEVEL_IO_ERROR"],
    ["IO error: /data/store/000005.ldb: Too many open files", undefined],
    ["IO error: /data/store/000005.ldb: No such file or directory", "LEVEL_IO_ERROR"],
    ["IO error: /data/store/000005.ldb: an error that we do not know", "LEVEL_IO_ERROR"],
  ])("by %s is none of damage, and gives nothing up", (message, code) => {
    const failure = failing(message, code);
    expect(failure.code).toBe("unavailable");
    expect(failure.message).toMatch(/^the body of block 5: .*nothing stored was found damaged/);
    expect(failure.message).not.toMatch(/rejoin|move/);
  });

  it("by a checksum of LevelDB is damage, with the way back from the peers", () => {
    const failure = failing(
      "Corruption: block checksum mismatch: /data/store/5.ldb",
      "LEVEL_CORRUPTION",
    );
    expect(failure).toBeInstanceOf(StorageCorruption);
    expect(failure.message).toMatch(/countersign rejoin/);
  });
});

describe("a refusal of the operating system", () => {
  it.each([
    [
      "IO error: /data/corruption/000005.ldb: Input/output error",
      /EIO\); look at the kernel's log/,
    ],
    ["IO error: /data/store/000005.log: No space left on device", /ENOSPC\); free space/],
    ["IO error: /data/store/MANIFEST-000004: Read-only file system", /EROFS\); mount/],
  ])("is known by LevelDB's text %s", (text, message) => {
    expect(systemRefusal("the store", new Error(text))?.message).toMatch(message);
  });

  it("is not seen in damage, not even in a folder with a telling name", () => {
    const text = "Corruption: block checksum mismatch: /data/Permission denied/000005.ldb";
    expect(systemRefusal("the store", new Error(text))).toBeUndefined();
  });
});
