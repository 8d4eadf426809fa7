/** The log of a node whose standard output fails: real files and pipes, and a disk that is full for a while. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { LogStream } from "../../../src/node/base/log-stream.ts";

const LOG = fileURLToPath(new URL("../../../src/node/base/log.ts", import.meta.url));

/** A process that logs lines with pauses, and reports on standard error that it came to its end. */
const PROGRAM = `
import { createLog } from ${JSON.stringify(LOG)};
const log = createLog("node1", "info");
for (let i = 0; i < 5; i++) {
  log.info({ i }, "line");
  await new Promise((resolve) => setTimeout(resolve, 100));
}
process.stderr.on("error", () => {});
process.stderr.write("alive\\n");
`;

function run(shell: string): Promise<string> {
  return new Promise((resolve) => {
    const env = { ...process.env, PROGRAM };
    const node = `'${process.execPath}' --input-type=module --eval "$PROGRAM"`;
    const line = shell.replace("NODE", node);
    execFile("bash", ["-c", line], { env, encoding: "utf8" }, (_, out, err) => resolve(out + err));
  });
}

describe("a log that cannot be written", () => {
  it("ends no process, and is told once: a full device", async () => {
    const told = await run("NODE > /dev/full");
    expect(told).toMatch(/^countersign: the log cannot be written \(ENOSPC[^\n]*\nalive\n$/);
  });

  it("ends no process, and is told once: a reader that has left", async () => {
    const told = await run("NODE | head -1 > /dev/null");
    expect(told).toMatch(/^countersign: the log cannot be written \(EPIPE[^\n]*\nalive\n$/);
  });

  it("ends no process when standard error fails with it", async () => {
    expect(await run("{ NODE; echo $? >&3; } 3>&2 > /dev/full 2> /dev/full")).toBe("0\n");
  });

  it("loses nothing that fits, goes on where a line was cut, and counts what it lost", () => {
    let room = 10;
    let written = "";
    let told = "";
    const stream = new LogStream((file, bytes) => {
      if (file !== 1) {
        told += Buffer.from(bytes).toString();
        return bytes.length;
      }
      if (room === 0) throw Object.assign(new Error("no space"), { code: "ENOSPC" });
      const part = bytes.subarray(0, room);
      room -= part.length;
      written += Buffer.from(part).toString();
      return part.length;
    });
    stream.write("first\n");
    stream.write("second\n");
    expect(written).toBe("first\nseco");
    for (let i = 0; i < 3; i++) stream.write(`${"x".repeat(500_000)}\n`);
    expect(told).toMatch(/^countersign: the log cannot be written \(no space\)[^\n]*\n$/);
    room = 10_000_000;
    stream.write("last\n");
    const lines = written.trimEnd().split("\n");
    expect(lines.map((line) => line.slice(0, 6))).toEqual([
      "first",
      "second",
      "xxxxxx",
      "xxxxxx",
      "last",
    ]);
    expect(told.split("\n").slice(1)).toEqual([
      "countersign: the log can be written again; lines lost: 1",
      "",
    ]);
  });
});
