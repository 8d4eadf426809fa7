// Tests every command in the same way: its help, its errors for a wrong command line, and its JSON. A command without
// a row in command-lines.ts fails the first test.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseArguments } from "../../src/cli/arguments.ts";
import { ENTRIES } from "../../src/cli/commands.ts";
import { freePort } from "../support/free-ports.ts";
import { TABLE } from "./command-lines.ts";
import { countersign, type Outcome } from "./countersign.ts";
import { countersignHere } from "./in-process.ts";

const COMMANDS = await Promise.all(ENTRIES.map(({ load }) => load()));

let home: string;
let taken: Server;
let wallet: string;
let port: number;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "countersign-commands-"));
  port = await freePort(4);
  taken = createServer().listen(port, "127.0.0.1");
  const must = async (line: string) => {
    expect(await run(line)).toMatchObject({ code: 0, error: "" });
  };
  for (const [place, node] of ["alpha", "bravo"].entries()) {
    const addresses = `--peer-address 127.0.0.1:${port + 11 + place} --client-address 127.0.0.1:${port + 1 + place}`;
    await must(`keygen --node ${node} ${addresses} --out $HOME/${node}`);
  }
  const members = "$HOME/alpha/member.json $HOME/bravo/member.json";
  await must(`genesis compose ${members} --issuers alpha --out $HOME/genesis.json`);
  await must("init $HOME/alpha --genesis $HOME/genesis.json");
  // No node runs: the key is stored before any node is called.
  const made = await run("wallet create --genesis $HOME/genesis.json --wallets $HOME/wallets");
  expect(made).toMatchObject({
    code: 1,
    out: "",
    error: expect.stringMatching(/no answer from .* \(connect ECONNREFUSED/),
  });
  const files = await readdir(join(home, "wallets", "keys"));
  wallet = files.flatMap((file) => /[0-9a-f-]{36}/.exec(file) ?? [])[0] ?? "";
});

afterAll(async () => {
  taken.close();
  await rm(home, { recursive: true, force: true });
});

/** The command with the places of this test filled in. */
function run(line: string): Promise<Outcome> {
  const args = line.split(" ").filter((word) => word !== "");
  const filled = args.map((word) =>
    word.replace("$HOME", home).replace("$PORT", `${port}`).replace("$WALLET", wallet),
  );
  return countersignHere(filled);
}

async function expectRefused(line: string, exitCode: number, message: RegExp): Promise<void> {
  const { code, out, error } = await run(line);
  expect({ code, out }, `${line}: ${error}`).toEqual({ code: exitCode, out: "" });
  expect(error).toMatch(/^countersign: [^\n]+\n$/);
  expect(error).toMatch(message);
  const asJson = await run(`${line} --json`);
  expect({ code: asJson.code, out: asJson.out }).toEqual({ code: exitCode, out: "" });
  const told = JSON.parse(asJson.error);
  expect(told).toEqual({ error: { message: expect.stringMatching(message), exitCode } });
}

it("the table has every command", () => {
  const names = ENTRIES.map(({ name }) => name);
  expect(Object.keys(TABLE)).toEqual(names);
  expect(COMMANDS.map(({ name }) => name)).toEqual(names);
});

describe.each(COMMANDS.map((command) => ({ name: command.name, command })))(
  "countersign $name",
  ({ name, command }) => {
    const { bad, missing, fails, succeeds } = TABLE[name] ?? { bad: {}, missing: {} };

    it("shows by --help and by help how it is used, with an example that fits", async () => {
      const { code, out, error } = await run(`${name} --help`);
      expect({ code, error }).toEqual({ code: 0, error: "" });
      expect((await run(`help ${name}`)).out).toBe(out);
      expect(out).toMatch(new RegExp(`^countersign ${name} .*\\[OPTIONS\\]\n\n`));
      expect(out).toContain(`\n\nExample: countersign ${name}`);
      expect(out).toContain(`\n\nExample: ${command.example}\n`);
      expect(out).toMatch(/Exit codes: 0 ok, 1 failed, 2 usage/);
      for (const { name: operand, summary } of command.operands) {
        expect(out).toMatch(new RegExp(`^  ${operand} +`, "m"));
        expect(out).toContain(summary);
      }
      for (const flag of [...Object.keys(command.options), "json", "help"]) {
        expect(out).toContain(`--${flag} `);
      }
      const words = command.example.replace(`countersign ${name}`, "").split(" ");
      const given = words.filter((word) => word !== "");
      expect(() => parseArguments(command, given)).not.toThrow();
    });

    it("refuses a flag that it does not know, and tells those it does", async () => {
      await expectRefused(
        `${name} --frobnicate`,
        2,
        /Unknown option '--frobnicate'; it takes .*--/,
      );
    });

    it("refuses a flag without its value, or with an empty one", async () => {
      for (const [flag, option] of Object.entries(command.options)) {
        if (option.kind === "flag") continue;
        const operands = command.operands.map((operand) => operand.name).join(" ");
        await expectRefused(`${name} ${operands} --${flag}`, 2, /argument missing; it takes /);
        const empty = new RegExp(`--${flag} is empty; it takes ${option.value}`);
        await expectRefused(`${name} ${operands} --${flag}=`, 2, empty);
      }
    });

    it("says what is missing, and what would do", async () => {
      expect(Object.keys(missing)).not.toHaveLength(0);
      for (const [line, message] of Object.entries(missing)) {
        await expectRefused(`${name} ${line}`, 2, message);
      }
    });

    it("says which value does not fit, and what would", async () => {
      expect(Object.keys(bad)).not.toHaveLength(0);
      for (const [line, message] of Object.entries(bad)) {
        await expectRefused(`${name} ${line}`, 2, message);
      }
    });

    if (fails !== undefined) {
      it("says why it failed, and what to do", () =>
        expectRefused(`${name} ${fails[0]}`, 1, fails[1]));
    }

    if (succeeds !== undefined) {
      it("answers in one line of JSON", async () => {
        const { code, out, error } = await run(`${name} ${succeeds} --json`);
        expect(code, error).toBe(0);
        expect(out).toMatch(/^[^\n]+\n$/);
        expect(typeof JSON.parse(out)).toBe("object");
      });
    }
  },
);

it("makes no new passphrase where wallet keys are that it would not open", async () => {
  const passphrase = join(home, "wallets", "passphrase");
  const kept = join(home, "passphrase-elsewhere");
  await rename(passphrase, kept);
  try {
    for (const line of ["wallet create", "wallet list"]) {
      const files = "--genesis $HOME/genesis.json --wallets $HOME/wallets";
      await expectRefused(
        `${line} ${files}`,
        1,
        /passphrase is missing, and the keys in .* put it back/,
      );
    }
    expect(existsSync(passphrase)).toBe(false);
  } finally {
    await rename(kept, passphrase);
  }
});

it("colours a terminal's table, and never with NO_COLOR or in JSON", async () => {
  const status = ["status", "--genesis", join(home, "genesis.json")];
  const inColour = (env: NodeJS.ProcessEnv, ...more: string[]) =>
    countersign([...status, ...more], { env: { PATH: process.env["PATH"], ...env } });
  const colour = "\u001b[";
  expect((await inColour({ FORCE_COLOR: "1" })).out).toContain(colour);
  const plain = [
    inColour({ NO_COLOR: "1" }),
    inColour({ NO_COLOR: "1", FORCE_COLOR: "1" }),
    inColour({ FORCE_COLOR: "1" }, "--json"),
    inColour({}),
  ];
  for (const outcome of await Promise.all(plain)) {
    expect(outcome.code).toBe(1);
    expect(outcome.out).toContain("alpha");
    expect(outcome.out).not.toContain(colour);
  }
});

describe("completion", () => {
  it("offers every command, and every flag of each, in bash", async () => {
    const { out: script } = await run("completion");
    const flagsOf = ({ options }: (typeof COMMANDS)[number]) => [
      ...[...Object.keys(options), "json", "help"].map((flag) => `--${flag}`),
    ];
    const probes = COMMANDS.flatMap((command) => {
      const words = command.name.split(" ");
      const own = words.map((_, place) => [...words.slice(0, place), words[place] ?? ""]);
      return [...own, ...flagsOf(command).map((flag) => [...words, flag])];
    });
    const lines = probes.map((words) => {
      const quoted = ["countersign", ...words].map((word) => `'${word}'`).join(" ");
      return `COMP_WORDS=(${quoted}); COMP_CWORD=${words.length}; _countersign; echo "\${COMPREPLY[*]}"`;
    });
    const answer = execFileSync("bash", ["-c", [script, ...lines].join("\n")], {
      encoding: "utf8",
    });
    const offered = answer.trimEnd().split("\n");
    expect(offered).toHaveLength(probes.length);
    for (const [place, words] of probes.entries()) {
      expect(offered[place]?.split(" "), words.join(" ")).toContain(words.at(-1));
    }
  });

  it("names every command and flag in the scripts for zsh and fish", async () => {
    for (const shell of ["zsh", "fish"]) {
      const { out } = await run(`completion --shell ${shell}`);
      for (const { name, options } of COMMANDS) {
        for (const word of [...name.split(" "), ...Object.keys(options)]) {
          expect(out).toMatch(new RegExp(`(^|[ "-])${word}\\b`, "m"));
        }
      }
    }
  });
});

it("a file where a folder should be is named, and leaves nothing half made", async () => {
  const file = join(home, "a-file");
  await writeFile(file, "");
  await expectRefused(
    `keygen --node x --peer-address h:1 --client-address h:2 --out ${file}/x`,
    1,
    /a-file\/x cannot be used \(ENOTDIR\)/,
  );
  await expectRefused(
    "genesis compose $HOME/alpha/member.json $HOME/bravo/member.json --issuers alpha --out $HOME/no/g.json",
    1,
    /no\/g\.json cannot be used \(ENOENT\); name another path/,
  );
  expect(existsSync(join(home, "no"))).toBe(false);
});
