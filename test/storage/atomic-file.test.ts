import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { utf8 } from "../../src/primitives/bytes.ts";
import { createFileDurably, destroyFile, writeFileDurably } from "../../src/storage/atomic-file.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "countersign-file-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe("atomic file", () => {
  it("replaces a file and its mode, and leaves nothing beside it", async () => {
    const path = join(folder, "file");
    await writeFile(path, "old", { mode: 0o644 });
    await writeFileDurably(path, utf8("new"));
    expect(await readFile(path, "utf8")).toBe("new");
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(["file"]);
  });

  it("leaves the old file and no temporary one when it cannot replace", async () => {
    const path = join(folder, "taken");
    await mkdir(path);
    await writeFile(join(path, "old"), "old");
    await expect(writeFileDurably(path, utf8("new"))).rejects.toThrow();
    expect(await readdir(folder)).toEqual(["taken"]);
    expect(await readFile(join(path, "old"), "utf8")).toBe("old");
  });

  it("survives writers of one file at the same time with one whole content", async () => {
    const path = join(folder, "file");
    const contents = Array.from({ length: 8 }, (_, i) => `${i}`.repeat(10_000));
    await Promise.all(contents.map((content) => writeFileDurably(path, utf8(content))));
    expect(contents).toContain(await readFile(path, "utf8"));
    expect(await readdir(folder)).toEqual(["file"]);
  });

  it("is created by one of many callers, whole and with mode 0600, and by none where it exists", async () => {
    const path = join(folder, "file");
    const contents = Array.from({ length: 8 }, (_, i) => `${i}`.repeat(10_000));
    const created = await Promise.all(
      contents.map((content) => createFileDurably(path, utf8(content))),
    );
    expect(created.filter(Boolean)).toHaveLength(1);
    expect(await readFile(path, "utf8")).toBe(contents[created.indexOf(true)]);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await createFileDurably(path, utf8("other"))).toBe(false);
    expect(await readdir(folder)).toEqual(["file"]);
  });

  it("destroys a file, and says so when there is none", async () => {
    const path = join(folder, "file");
    await writeFileDurably(path, utf8("secret"));
    await destroyFile(path);
    expect(await readdir(folder)).toEqual([]);
    await expect(destroyFile(path)).rejects.toThrow("ENOENT");
  });
});
