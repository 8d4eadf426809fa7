// The audit log: a chain of lines, synced before their acts are answered, in which every change shows.
import {
  appendFile,
  copyFile,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  truncate,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sha256 } from "../../src/node/base/crypto.ts";
import { type AuditedFields, AuditReader, NO_AUDIT } from "../../src/storage/audit-chain.ts";
import {
  type AuditFileLimits,
  AuditFiles,
  type RemovedAuditFile,
} from "../../src/storage/audit-files.ts";
import { AuditLog } from "../../src/storage/audit-trail.ts";
import { MemoryAuditSink, memoryAudit } from "../support/memory-audit.ts";

let home: string;
let folders = 0;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "countersign-audit-"));
});
afterAll(() => rm(home, { recursive: true }));

function newFolder(): string {
  folders += 1;
  return join(home, `audit${folders}`);
}

function act(number: number): AuditedFields {
  return { act: "custody", principal: "token:shop", call: "Transaction", subject: `op${number}` };
}

/** Opens the log in `folder`, records `count` acts, and closes it. */
async function recordIn(
  folder: string,
  count: number,
  limits?: AuditFileLimits,
  removed: RemovedAuditFile[] = [],
) {
  const { files, head } = await AuditFiles.open(folder, sha256, {
    ...(limits === undefined ? {} : { limits }),
    onRemoval: (file) => removed.push(file),
  });
  const log = new AuditLog({ sink: files, head, hash: sha256, wall: () => 1_790_000_000_000 });
  for (let i = 0; i < count; i++) await log.record(act(i));
  await files.close();
  return log.head;
}

/** The first break of these lines, or the number of entries. */
function follow(lines: readonly string[]): string | number {
  const reader = new AuditReader(sha256);
  for (const line of lines) {
    const entry = reader.read(line);
    if ("problem" in entry) return `line ${entry.line} ${entry.problem}`;
  }
  return lines.length;
}

async function linesIn(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
  return texts.join("").split("\n").slice(0, -1);
}

describe("the chain", () => {
  it("goes on over starts, without a gap", async () => {
    const folder = newFolder();
    await recordIn(folder, 3);
    const head = await recordIn(folder, 2);
    expect(head.number).toBe(5);
    const lines = await linesIn(folder);
    expect(follow(lines)).toBe(5);
    expect(JSON.parse(lines[0] ?? "")).toEqual({
      ...{ number: 1, at: 1_790_000_000_000, act: "custody", principal: "token:shop" },
      ...{ call: "Transaction", subject: "op0", previous: NO_AUDIT.hash },
    });
  });

  it("shows a line that was removed, moved, put in twice, or changed in any character", async () => {
    const sink = new MemoryAuditSink();
    const log = memoryAudit(sink);
    for (let i = 0; i < 4; i++) await log.record(act(i));
    const { lines } = sink;
    const [one = "", two = "", three = "", four = ""] = lines;
    expect(follow(lines)).toBe(4);
    expect(follow([one, three, four])).toMatch(/^line 2 has number 3, but follows 1/);
    expect(follow([one, three, two, four])).toMatch(/^line 2 /);
    expect(follow([one, one, two])).toMatch(/^line 2 /);
    for (let place = 0; place < two.length; place++) {
      const other = two[place] === "x" ? "y" : "x";
      const changed = `${two.slice(0, place)}${other}${two.slice(place + 1)}`;
      expect(typeof follow([one, changed, three]), changed).toBe("string");
    }
    // Space and the order of fields are part of a line.
    expect(typeof follow([one, two.replace(":", ": "), three])).toBe("string");
  });

  it("of the newest lines alone begins where they begin", async () => {
    const sink = new MemoryAuditSink();
    const log = memoryAudit(sink);
    for (let i = 0; i < 4; i++) await log.record(act(i));
    expect(follow(sink.lines.slice(2))).toBe(2);
  });

  it("holds no text that is too long or no Unicode", async () => {
    const sink = new MemoryAuditSink();
    const log = memoryAudit(sink);
    await log.record({ ...act(0), principal: "\ud800\n\u2028".repeat(1000) });
    expect(sink.lines).toHaveLength(1);
    expect((sink.lines[0] ?? "").length).toBeLessThan(2_500);
    expect(follow(sink.lines)).toBe(1);
  });
});

describe("a record", () => {
  it("settles when it is written, and those that come meanwhile share the next write", async () => {
    const writes: string[] = [];
    const ends: (() => void)[] = [];
    const log = memoryAudit({
      append: (lines) => {
        writes.push(lines);
        return new Promise((resolve) => ends.push(resolve));
      },
    });
    let settled = 0;
    const records = Array.from({ length: 5 }, async (_, i) => {
      if (i > 0) await Promise.resolve();
      await log.record(act(i));
      settled += 1;
    });
    await expect.poll(() => writes.length).toBe(1);
    expect(settled).toBe(0);
    ends[0]?.();
    await expect.poll(() => writes.length).toBe(2);
    ends[1]?.();
    await Promise.all(records);
    expect(writes).toHaveLength(2);
    expect(follow(writes.join("").split("\n").slice(0, -1))).toBe(5);
  });

  it("fails with its remedy if it cannot be written, and so does every later one", async () => {
    const sink = new MemoryAuditSink();
    const log = memoryAudit(sink);
    await log.record(act(0));
    sink.failure = new Error("no space left");
    const refused = {
      code: "writeFailed",
      message: expect.stringMatching(/no space left.*free or repair/),
    };
    await expect(log.record(act(1))).rejects.toMatchObject(refused);
    sink.failure = undefined;
    await expect(log.record(act(2))).rejects.toMatchObject(refused);
    expect(sink.lines).toHaveLength(1);
  });
});

describe("the files", () => {
  it("follow one another, and the oldest go", async () => {
    const folder = newFolder();
    await recordIn(folder, 40, { fileBytesMax: 1_000, filesMax: 3 });
    const names = (await readdir(folder)).sort();
    expect(names).toHaveLength(3);
    const lines = await linesIn(folder);
    expect(follow(lines)).toBe(lines.length);
    expect(JSON.parse(lines.at(-1) ?? "").number).toBe(40);
    expect(lines.length).toBeLessThan(40);
    // The next start goes on in the newest.
    await recordIn(folder, 1, { fileBytesMax: 1_000, filesMax: 3 });
    expect(follow(await linesIn(folder))).toBeGreaterThan(1);
  });

  it("that are removed are named with their last entry, after which the rest begins", async () => {
    const folder = newFolder();
    const removed: RemovedAuditFile[] = [];
    const limits = { fileBytesMax: 1_000, filesMax: 3 };
    await recordIn(folder, 40, limits, removed);
    expect(removed.length).toBeGreaterThan(2);
    expect(removed.map(({ file }) => file).slice(0, 2)).toEqual([
      "audit-00000001.jsonl",
      "audit-00000002.jsonl",
    ]);
    const last = removed.at(-1)?.last;
    const [first = ""] = await linesIn(folder);
    expect(JSON.parse(first)).toMatchObject({
      number: (last?.number ?? 0) + 1,
      previous: last?.hash,
    });
  });

  it("that their operator moved away before are not reported as removed", async () => {
    const folder = newFolder();
    const removed: RemovedAuditFile[] = [];
    const limits = { fileBytesMax: 1_000, filesMax: 3 };
    const { files, head } = await AuditFiles.open(folder, sha256, {
      limits,
      onRemoval: (file) => removed.push(file),
    });
    const log = new AuditLog({ sink: files, head, hash: sha256, wall: () => 0 });
    for (let i = 0; (await readdir(folder)).length < 3; i++) await log.record(act(i));
    await rm(join(folder, "audit-00000001.jsonl"));
    while ((await readdir(folder)).length < 3) await log.record(act(0));
    expect([removed, files.removed]).toEqual([[], 0]);
    await files.close();
  });

  it.each<[what: string, damage: (path: string) => Promise<void>]>([
    ["removed", (path) => rm(path)],
    ["shortened", (path) => truncate(path, 10)],
    [
      "replaced by a copy",
      async (path) => {
        await copyFile(path, `${path}.copy`);
        await rename(`${path}.copy`, path);
      },
    ],
  ])(
    "are not intact once the newest is %s, but while older ones are moved away",
    async (_, damage) => {
      const folder = newFolder();
      const limits = { fileBytesMax: 500, filesMax: 9 };
      const { files, head } = await AuditFiles.open(folder, sha256, {
        limits,
        onRemoval: () => undefined,
      });
      const log = new AuditLog({ sink: files, head, hash: sha256, wall: () => 0 });
      for (let i = 0; (await readdir(folder)).length < 3; i++) {
        await log.record(act(i));
        expect(await files.isIntact()).toBe(true);
      }
      await rm(join(folder, "audit-00000001.jsonl"));
      expect(await files.isIntact()).toBe(true);
      await damage(join(folder, "audit-00000003.jsonl"));
      expect(await files.isIntact()).toBe(false);
      await files.close();
    },
  );

  it("lose a line that a crash cut off, which was never answered", async () => {
    const folder = newFolder();
    await recordIn(folder, 2);
    const [name = ""] = await readdir(folder);
    await appendFile(join(folder, name), '{"number":3,"at":179');
    await recordIn(folder, 1);
    expect(follow(await linesIn(folder))).toBe(3);
  });

  it("whose last line cannot be parsed are named, and not written to", async () => {
    const folder = newFolder();
    await recordIn(folder, 2);
    const [name = ""] = await readdir(folder);
    const path = join(folder, name);
    await writeFile(path, `${await readFile(path, "utf8")}nonsense\n`);
    const before = await readFile(path, "utf8");
    await expect(AuditFiles.open(folder, sha256, { onRemoval: () => undefined })).rejects.toThrow(
      /last line .*move the folder .* away/,
    );
    expect(await readFile(path, "utf8")).toBe(before);
  });

  it("are for their owner alone", async () => {
    const folder = newFolder();
    await recordIn(folder, 1);
    const { stat } = await import("node:fs/promises");
    const [name = ""] = await readdir(folder);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
  });
});
