import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { ENTRIES } from "../../src/cli/commands.ts";
import { countersign } from "./countersign.ts";

/** Runs the program itself. every-command.test.ts tests the common behaviour of commands without a process for each. */
const MAIN = new URL("../../src/cli/main.ts", import.meta.url);
const SOME = ["transfer", "receipt verify"];

describe("the command line", () => {
  it("shows every command with its summary, and its exit codes", async () => {
    const { code, out } = await countersign(["help"]);
    expect(code).toBe(0);
    for (const { name, summary } of ENTRIES) {
      expect(out).toMatch(new RegExp(`^  ${name} `, "m"));
      expect(out).toContain(summary);
    }
    expect(out).toMatch(/Exit codes: 0 ok, 1 failed, 2 usage/);
  });

  it.each(SOME)("explains `%s` by --help", async (name) => {
    const command = await ENTRIES.find((one) => one.name === name)?.load();
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
    const token = `cs_${"a".repeat(43)}`;
    const pasted = await countersign([token]);
    expect(pasted.error).toBe('countersign: unknown command "cs_…"; see "countersign help"\n');
    const half = await countersign(["receipt"]);
    expect(half.error).toMatch(/^countersign: "receipt" needs a second word: .*"receipt verify"/);
    expect(half.code).toBe(2);
    const other = await countersign(["receipt", "print"]);
    expect(other.error).toMatch(
      /^countersign: unknown command "receipt print"; with "receipt" begin: .*"receipt verify"/,
    );
    expect(other.code).toBe(2);
  });

  it("names what was meant", async () => {
    const meant: Readonly<Record<string, string>> = {
      trasnfer: "transfer",
      "walet create": "wallet create",
      "wallet craete": "wallet create",
      "wallet-list": "wallet list",
      compose: "genesis compose",
      inspect: 'genesis inspect" or "certs inspect',
    };
    for (const [typed, word] of Object.entries(meant)) {
      const { code, out, error } = await countersign(typed.split(" "));
      expect({ code, out }).toEqual({ code: 2, out: "" });
      expect(error).toContain(`did you mean "${word}"?`);
    }
    const option = await countersign(["transfer", "--amuont", "3"]);
    expect(option.code).toBe(2);
    expect(option.error).toMatch(/Unknown option '--amuont'; did you mean --amount\? it takes/);
  });

  it("helps by -h, on a group of commands too, and gives its version by -v", async () => {
    const whole = await countersign(["help"]);
    expect(await countersign(["-h"])).toEqual(whole);
    expect(await countersign(["status", "-h"])).toEqual(await countersign(["help", "status"]));
    const group = await countersign(["wallet", "--help"]);
    expect(group).toMatchObject({ code: 0, error: "" });
    expect(group.out).toMatch(/^countersign wallet COMMAND/);
    expect(group.out.match(/^ {2}wallet \w+/gm)).toEqual([
      "  wallet create",
      "  wallet show",
      "  wallet list",
      "  wallet name",
      "  wallet names",
      "  wallet unname",
    ]);
    expect(await countersign(["help", "wallet"])).toEqual(group);
    expect(await countersign(["-v"])).toEqual(await countersign(["--version"]));
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
  const complete = (script: string, line: string, cwd?: string) => {
    const words = line.split(" ");
    const quoted = words.map((word) => `'${word}'`).join(" ");
    const probe = `COMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}; _countersign; echo "\${COMPREPLY[@]}"`;
    return execFileSync("bash", ["-c", `${script}\n${probe}`], { encoding: "utf8", cwd }).trim();
  };

  it("completes commands, second words and flags in bash", async () => {
    const { out: script } = await countersign(["completion"]);
    expect(complete(script, "countersign dev")).toBe("devnet");
    expect(complete(script, "countersign receipt v")).toBe("verify");
    expect(complete(script, "countersign devnet --fr")).toBe("--fresh");
    expect(complete(script, "countersign receipt verify --al")).toBe("--allow-pending");
  });

  it("completes values: choices, assets, nodes, and wallets whose keys are here", async () => {
    const home = await mkdtemp(join(tmpdir(), "countersign-completion-"));
    try {
      const wallet = "0f8e1c52-3a77-8b1e-9d2c-5c1f0e4b7a90";
      await mkdir(join(home, ".countersign-wallets", "keys"), { recursive: true });
      await writeFile(join(home, ".countersign-wallets", "keys", `${wallet}.key.json`), "{}");
      await writeFile(
        join(home, "genesis.json"),
        JSON.stringify({
          assets: [{ code: "EUR" }, { code: "$(touch hacked)" }],
          validators: [{ id: "node1" }, { id: "node2" }],
        }),
      );
      const { out: script } = await countersign(["completion"]);
      const [program, main] = [process.execPath, fileURLToPath(MAIN)];
      const named = `mkdir -p bin; printf '#!/bin/sh\\nexec "%s" "%s" "$@"\\n' '${program}' '${main}' > bin/countersign; chmod +x bin/countersign; PATH=$PWD/bin:$PATH`;
      const offered = (line: string) => complete(`${named}\n${script}`, line, home);
      expect(offered("countersign transfer --wait ")).toBe("final sealed");
      expect(offered("countersign transfer --from 0f")).toBe(wallet);
      expect(offered("countersign wallet show 0f")).toBe(wallet);
      expect(offered("countersign network --genesis genesis.json --node ")).toBe("node1 node2");
      expect(offered("countersign wallet create --genesis genesis.json --asset ")).toBe("EUR");
      expect(await readdir(home)).not.toContain("hacked");
    } finally {
      await rm(home, { recursive: true, force: true });
    }
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
