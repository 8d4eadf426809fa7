/** Folders are made with what is missing above them, and the wait for one that cannot be made has an end. */
import { existsSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeFolder } from "../../src/storage/make-folder.ts";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "countersign-folder-"));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

describe("a folder", () => {
  it("is made with all above it, by several at once too, and may be there", async () => {
    const path = join(home, "a", "b", "c");
    await Promise.all([makeFolder(path, 0o700), makeFolder(path, 0o700)]);
    await makeFolder(path);
    for (const folder of [path, join(home, "a")]) expect(statSync(folder).mode & 0o777).toBe(0o700);
  });

  it("is made where a link leads", async () => {
    symlinkSync(".", join(home, "link"));
    await makeFolder(join(home, "link", "a"));
    expect(existsSync(join(home, "a"))).toBe(true);
  });

  it.each([
    ["file", "EEXIST"],
    ["file/below", "ENOTDIR"],
    ["dangling", "EEXIST"],
    ["loop/below", "ELOOP"],
  ])("is not made at %s: %s", async (name, code) => {
    writeFileSync(join(home, "file"), "years of work");
    symlinkSync("nothing", join(home, "dangling"));
    symlinkSync("loop", join(home, "loop"));
    await expect(makeFolder(join(home, name))).rejects.toMatchObject({ code });
  });

  // `mkdir` with `recursive` tries these for ever.
  it.each(["/proc/countersign", "/proc/countersign/a/b", "/proc/self/fd/a", "/sys/countersign/a"])(
    "is not made at %s, which is said at once",
    async (path) => {
      await expect(makeFolder(path)).rejects.toMatchObject({
        code: expect.stringMatching(/^(EPERM|EACCES|EROFS|ENOENT)$/),
        path: expect.stringMatching(/^\/(proc|sys)\//),
      });
    },
  );
});
