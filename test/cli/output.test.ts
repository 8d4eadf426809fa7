/** Standard output that fails: a full device, a file that cannot grow, a reader that leaves. Method: real processes. */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Outcome } from "./countersign.ts";

const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

let home: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "countersign-output-"));
});

afterAll(() => rm(home, { recursive: true, force: true }));

/** $CS in the command line stands for the program. */
function shell(line: string): Promise<Outcome> {
  return new Promise((resolve) => {
    const env = { ...process.env, CS: `'${process.execPath}' '${MAIN}'` };
    const script = line.replaceAll("$CS", env.CS);
    execFile("bash", ["-c", script], { env, cwd: home, encoding: "utf8" }, (error, out, err) => {
      const code = typeof error?.code === "number" ? error.code : -1;
      resolve({ code: error === null ? 0 : code, out, error: err });
    });
  });
}

describe("an answer that cannot be written", () => {
  it("is an error with an exit code of its own, in words and in JSON", async () => {
    for (const command of ["help", "completion", "wallet list", "--version"]) {
      const { code, error } = await shell(`$CS ${command} > /dev/full`);
      expect(code, `${command}: ${error}`).toBe(74);
      expect(error).toMatch(
        /^countersign: standard output cannot be written \(ENOSPC.* ended with exit code 0, .*make room[^\n]*\n$/,
      );
    }
    const { code, error } = await shell("$CS wallet list --json > /dev/full");
    expect(code).toBe(74);
    expect(JSON.parse(error)).toEqual({
      error: { message: expect.stringMatching(/ENOSPC/), exitCode: 74 },
    });
  });

  it("is one too when the file takes only its beginning", async () => {
    const { code, error } = await shell("trap '' XFSZ; ulimit -f 1; $CS completion > part");
    expect((await readFile(join(home, "part"))).length).toBe(1024);
    expect(code, error).toBe(74);
    expect(error).toMatch(/standard output cannot be written \(EFBIG/);
  });

  it("keeps the exit code of a command that failed without an answer", async () => {
    expect((await shell("$CS frobnicate > /dev/full")).code).toBe(2);
  });

  it("ends nothing when it is only a note that is lost", async () => {
    expect(await shell("$CS --version 2> /dev/full")).toEqual({
      code: 0,
      out: "0.1.0\n",
      error: "",
    });
    expect((await shell("$CS frobnicate 2> /dev/full")).code).toBe(2);
  });
});

describe("a program that prints as it goes", () => {
  const program = (line: string) => {
    const watched = fileURLToPath(new URL("../../scripts/watched-output.ts", import.meta.url));
    const text = `import { watchOutput } from ${JSON.stringify(watched)}; watchOutput("bench"); for (let i = 0; i < 3; i++) { console.log("x"); await new Promise((r) => setTimeout(r, 50)); } process.stderr.write("alive\\n");`;
    return shell(
      line.replace("$PROGRAM", `'${process.execPath}' --input-type=module -e '${text}'`),
    );
  };

  it("goes on to its end, says once what is wrong, and ends with the same exit code", async () => {
    const { code, error } = await program("$PROGRAM > /dev/full");
    expect(code).toBe(74);
    expect(error).toMatch(/^bench: standard output cannot be written \(ENOSPC[^\n]*\nalive\n$/);
  });

  it("says nothing of a reader that has left", async () => {
    const { error } = await program('{ $PROGRAM; echo "ended $?" >&2; } | true');
    expect(error).toBe("alive\nended 0\n");
  });
});

describe("a reader that has left", () => {
  it("ends a command without a word", async () => {
    for (const command of ["completion", "help", "wallet list"]) {
      const line = `{ sleep 0.1; $CS ${command}; echo "ended \${?}" >&2; } | true`;
      expect(await shell(line)).toEqual({ code: 0, out: "", error: "ended 0\n" });
    }
  });
});
