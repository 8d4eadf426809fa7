import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { toHex } from "../../src/primitives/bytes.ts";
import {
  createDataFolder,
  type DataFolder,
  openDataFolder,
  stateOf,
} from "../../src/storage/data-folder.ts";
import { createStore, openStore } from "../../src/storage/store-factory.ts";
import { bytesNamed } from "./sample-chain.ts";
import { codeOf } from "./store-checks.ts";

const owner = { networkId: bytesNamed("network"), nodeId: "node-1", engine: "level" } as const;
let parent: string;
let path: string;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "countersign-folder-"));
  path = join(parent, "deep", "node-1");
});
afterEach(async () => {
  await rm(parent, { recursive: true, force: true });
});

const fill = async (draft: DataFolder) => {
  await mkdir(draft.keysPath, { mode: 0o700 });
  await (
    await createStore({ engine: "level", location: draft.storePath, identity: owner })
  ).close();
};
const failureOf = (running: Promise<unknown>) =>
  running.then(
    () => undefined,
    (error: unknown) => error,
  );

describe("data folder", () => {
  it("is made whole, for its owner only, and opens again", async () => {
    const created = await createDataFolder(path, owner, fill);
    expect(created).toEqual({
      ...owner,
      path,
      storePath: join(path, "store"),
      keysPath: join(path, "keys"),
      auditPath: join(path, "audit"),
    });
    expect((await stat(path)).mode & 0o777).toBe(0o700);
    expect(await openDataFolder(path)).toEqual(created);
    await (
      await openStore({ engine: "level", location: created.storePath, identity: owner })
    ).close();
    expect(await readdir(join(parent, "deep"))).toEqual(["node-1"]);
  });

  it("may be made in an empty folder, never over anything else", async () => {
    await mkdir(path, { recursive: true });
    await createDataFolder(path, owner, fill);
    expect(codeOf(await failureOf(createDataFolder(path, owner, fill)))).toBe("exists");
    const other = join(parent, "other");
    await mkdir(other);
    await writeFile(join(other, "precious.txt"), "mine");
    expect(codeOf(await failureOf(createDataFolder(other, owner, fill)))).toBe("exists");
    expect(await readdir(other)).toEqual(["precious.txt"]);
  });

  it("is not there if its making failed, and a later making clears what a crash left", async () => {
    const failing = createDataFolder(path, owner, async (draft) => {
      await fill(draft);
      throw new Error("power cut");
    });
    await expect(failing).rejects.toThrow("power cut");
    expect(await stateOf(path)).toBe("absent");
    const leftover = join(parent, "deep", ".node-1.draft-00ff.tmp");
    await mkdir(join(leftover, "store"), { recursive: true });
    await createDataFolder(path, owner, fill);
    expect(await readdir(join(parent, "deep"))).toEqual(["node-1"]);
  });

  it("that is half-written or someone else's gives one clear line", async () => {
    await mkdir(join(path, "store"), { recursive: true });
    const failure = await failureOf(openDataFolder(path));
    expect(codeOf(failure)).toBe("malformed");
    expect(`${failure}`).toContain(path);
    expect(`${failure}`).toMatch(/half-written .* restore it/);
    expect(`${failure}`.split("\n")).toHaveLength(1);
    const file = join(parent, "file");
    await writeFile(file, "");
    expect(codeOf(await failureOf(openDataFolder(file)))).toBe("malformed");
    expect(codeOf(await failureOf(openDataFolder(join(parent, "none"))))).toBe("missing");
  });

  it.each(["", "{}", '{"version":1,"networkId":"00","nodeId":"a"}', "null"])(
    "with the marker %j is refused",
    async (marker) => {
      await createDataFolder(path, owner, fill);
      await writeFile(join(path, "countersign.json"), marker);
      const failure = await failureOf(openDataFolder(path));
      expect(codeOf(failure)).toBe("malformed");
      expect(`${failure}`).toContain("countersign.json");
    },
  );

  const networkId = toHex(owner.networkId);
  const openMarked = async (marker: object) => {
    await createDataFolder(path, owner, fill);
    const whole = { version: 1, networkId, nodeId: "a", ...marker };
    await writeFile(join(path, "countersign.json"), JSON.stringify(whole));
    return openDataFolder(path);
  };

  it("names the engine of its store; one that was made before there was a choice has LevelDB", async () => {
    await createDataFolder(path, owner, fill);
    const marker = JSON.parse(await readFile(join(path, "countersign.json"), "utf8"));
    expect(marker).toMatchObject({ store: { engine: "level" } });
    await rm(path, { recursive: true });
    expect(await openMarked({})).toMatchObject({ engine: "level", nodeId: "a" });
  });

  it.each<[object, string]>([
    [
      { store: { engine: "rocks\u001b[2J" } },
      'the store engine "rocks\\u{1b}[2J", which this version does not have',
    ],
    [
      { version: 2 },
      "was written by a newer version (folder layout 2, this one knows 1); start that",
    ],
  ])("of a newer version is refused by name: %j", async (marker, words) => {
    const failure = await failureOf(openMarked(marker));
    expect(codeOf(failure)).toBe("newerSchema");
    expect(`${failure}`).toContain(words);
  });

  it.each([{ store: {} }, { store: "level" }, { store: { engine: 1 } }])(
    "whose marker says %j is refused",
    async (marker) => {
      expect(codeOf(await failureOf(openMarked(marker)))).toBe("malformed");
    },
  );
});
