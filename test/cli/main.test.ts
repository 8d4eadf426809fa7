import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { COMMANDS } from "../../src/cli/commands.ts";
import { countersign } from "./countersign.ts";

/** The program itself; what holds for every command alike is in every-command.test.ts, without a process for each. */
const SOME = ["transfer", "receipt verify"];

describe("the command line", () => {
  it("shows every command with its summary, and its exit codes", async () => {
    const { code, out } = await countersign(["help"]);
    expect(code).toBe(0);
    for (const { name, summary } of COMMANDS) {
      expect(out).toMatch(new RegExp(`^  ${name} `, "m"));
      expect(out).toContain(summary);
    }
    expect(out).toMatch(/Exit codes: 0 ok, 1 failed, 2 usage/);
  });

  it.each(SOME)("explains `%s` by --help", async (name) => {
    const command = COMMANDS.find((one) => one.name === name);
    const { code, out, error } = await countersign([...name.split(" "), "--help"]);
    expect({ code, error }).toEqual({ code: 0, error: "" });
    expect(out).toMatch(new RegExp(`^countersign ${name} `));
    for (const [flag, { summary }] of Object.entries(command?.options ?? {})) {
      expect(out).toContain(`--${flag}`);
      expect(out).toContain(summary);
    }
  });

  it.each(SOME)("refuses what `%s` does not know", async (name) => {
    const { code, out, error } = await countersign([...name.split(" "), "--frobnicate"]);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(error).toMatch(/^countersign: [^\n]*--frobnicate[^\n]*; it takes [^\n]*--json[^\n]*\n$/);
  });

  it("says what to do about a wrong command", async () => {
    const unknown = await countersign(["pay"]);
    expect(unknown).toMatchObject({ code: 2, out: "" });
    expect(unknown.error).toBe('countersign: unknown command "pay"; see "countersign help"\n');
    const half = await countersign(["receipt"]);
    expect(half.error).toMatch(/^countersign: "receipt" needs a second word: .*"receipt verify"/);
    expect(half.code).toBe(2);
    const other = await countersign(["receipt", "show"]);
    expect(other.error).toMatch(
      /^countersign: unknown command "receipt show"; with "receipt" begin: .*"receipt verify"/,
    );
    expect(other.code).toBe(2);
  });

  it("gives errors as JSON to those who ask for JSON", async () => {
    const { code, out, error } = await countersign(["devnet", "--nodes", "1", "--json"]);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(JSON.parse(error)).toEqual({
      error: {
        message: 'devnet: --nodes is "1", but must be a whole number from 2 to 31',
        exitCode: 2,
      },
    });
  });
});

describe("completion", () => {
  const complete = (script: string, line: string) => {
    const words = line.split(" ");
    const quoted = words.map((word) => `'${word}'`).join(" ");
    const probe = `COMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}; _countersign; echo "\${COMPREPLY[@]}"`;
    return execFileSync("bash", ["-c", `${script}\n${probe}`], { encoding: "utf8" }).trim();
  };

  it("completes commands, second words and flags in bash", async () => {
    const { out: script } = await countersign(["completion"]);
    expect(complete(script, "countersign dev")).toBe("devnet");
    expect(complete(script, "countersign receipt v")).toBe("verify");
    expect(complete(script, "countersign devnet --fr")).toBe("--fresh");
    expect(complete(script, "countersign receipt verify --al")).toBe("--allow-pending");
  });

  it("gives a script for each shell, and refuses others", async () => {
    for (const shell of ["zsh", "fish"]) {
      const { code, out } = await countersign(["completion", "--shell", shell]);
      expect(code).toBe(0);
      expect(out).toContain("allow-pending");
    }
    const { code, error } = await countersign(["completion", "--shell", "tcsh"]);
    expect(code).toBe(2);
    expect(error).toMatch(/must be bash or zsh or fish/);
  });
});
