/** Reads of a file from another party: all of the file, up to a bound. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  FileTooLarge,
  readBounded,
  readTextBounded,
  readThrough,
} from "../../src/storage/bounded-file.ts";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "countersign-bounded-"));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function fileOf(length: number): string {
  const path = join(home, "file");
  writeFileSync(path, "");
  truncateSync(path, length);
  return path;
}

describe("a file that is read whole", () => {
  it.each([0, 1, 65_535, 65_536, 65_537, 200_000])(
    "of %i bytes is read up to its bound",
    (length) => {
      const path = fileOf(length);
      expect(readBounded(path, length)).toEqual(new Uint8Array(length));
      if (length === 0) return;
      expect(() => readBounded(path, length - 1)).toThrow(FileTooLarge);
      expect(() => readBounded(path, length - 1)).toThrow(
        `it has more than the ${length - 1} bytes that such a file may have`,
      );
    },
  );

  it("is text in UTF-8", () => {
    const path = join(home, "text");
    writeFileSync(path, "müde");
    expect(readTextBounded(path, 5)).toBe("müde");
  });

  it("of no size that the system tells is counted as it is read", () => {
    expect(statSync("/proc/self/status").size).toBe(0);
    expect(readTextBounded("/proc/self/status", 64 * 1024)).toMatch(/^Name:/);
    expect(() => readBounded("/proc/self/status", 100)).toThrow(FileTooLarge);
    expect(() => readBounded("/dev/zero", 1_000_000)).toThrow(FileTooLarge);
  });

  it("may be a pipe", () => {
    const code = `import { readBounded } from ${JSON.stringify(`${import.meta.dirname}/../../src/storage/bounded-file.ts`)};
      console.log(readBounded("/dev/stdin", 300_000).length);`;
    const script = `head -c 300000 /dev/zero | '${process.execPath}' --input-type=module -e '${code}'`;
    expect(execFileSync("bash", ["-c", script], { encoding: "utf8" })).toBe("300000\n");
  });

  it("is what the system names where there is none", async () => {
    const absent = join(home, "absent");
    expect(() => readBounded(absent, 1)).toThrow(/ENOENT/);
    expect(() => readBounded(home, 1_000_000)).toThrow(/EISDIR/);
    await expect(readThrough(absent)).rejects.toThrow(/ENOENT/);
    await readThrough(fileOf(200_000));
  });
});
