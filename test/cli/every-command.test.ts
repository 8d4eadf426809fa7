// Tests every command in the same way: its help, its errors for a wrong command line, and its JSON. A command without
// a row in command-lines.ts fails the first test.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseArguments } from "../../src/cli/arguments.ts";
import { runCommandLine } from "../../src/cli/command-line.ts";
import { ENTRIES } from "../../src/cli/commands.ts";
import { freePort } from "../support/free-ports.ts";
import { TABLE } from "./command-lines.ts";
import { countersign, type Outcome } from "./countersign.ts";

<<<<<<< HEAD
=======
const ABSENT = "0f8e1c52-3a77-8b1e-9d2c-5c1f0e4b7a90";
const PAYEE = "7d3b9f10-64c2-8e5a-a1b7-2f9c8d0e6b43";

/** Command lines without the command's name; $HOME, $PORT and $WALLET are filled in. */
interface Lines {
  /** Wrong values, each with the expected message; exit code 2. */
  readonly bad: Readonly<Record<string, RegExp>>;
  /** Command lines without a required value; exit code 2. */
  readonly missing: Readonly<Record<string, RegExp>>;
  /** Failures caused by the environment, each with the expected message; exit code 1. */
  readonly fails?: readonly [string, RegExp];
  /** A command line that succeeds without a network. test/e2e covers the others. */
  readonly succeeds?: string;
}

const MUST_BE_UUID = /must be a UUID in lower case/;
const NO_NETWORK: Lines["fails"] = ["--network $HOME/no", /genesis cannot be read.*--network DIR/];
const NO_CONFIG: Lines["fails"] = [
  "--config $HOME/no.json",
  /no\.json: cannot be read.*make one by countersign init/,
];
const NEEDS_CONFIG = { "": /--config FILE is missing; name the node's configuration file/ };
const GIVEN_NODE = "--node mallory --genesis $HOME/genesis.json";
const BAD_NODE = { [GIVEN_NODE]: /--node is "mallory", but the genesis knows alpha/ };
const FROM_TO = `--from ${ABSENT} --to ${PAYEE}`;

const TABLE: Readonly<Record<string, Lines>> = {
  devnet: {
    bad: {
      "--nodes 1": /--nodes is "1", but must be a whole number from 2 to 31/,
      "--port 80": /--port is "80", but must be a whole number from 1024/,
    },
    missing: { "--port": /argument missing; it takes --nodes N, --port P/ },
    fails: ["--port $PORT", /port \d+ on 127.0.0.1 cannot be had.*give --port for others/],
  },
  node: { bad: { "--config=": /--config is empty/ }, missing: NEEDS_CONFIG, fails: NO_CONFIG },
  keygen: {
    bad: {
      "--node No!": /--node is "No!", but must be 1 to 63 of a-z/,
      "--node a --peer-address x": /--peer-address is "x", but must be host:port/,
    },
    missing: {
      "": /--node is missing/,
      "--node a": /--peer-address is missing; it takes host:port/,
    },
    fails: [
      "--node alpha --peer-address h:1 --client-address h:2 --out $HOME/alpha",
      /holds keys already; they are never overwritten, so give --out/,
    ],
    succeeds: "--node carol --peer-address h:1 --client-address h:2 --out $HOME/carol",
  },
  "genesis compose": {
    bad: {
      "$HOME/alpha/member.json --issuers mallory":
        /issuer "mallory" is neither a member's name nor/,
      "$HOME/alpha/member.json --assets EUR:99 --issuers alpha":
        /decimals of asset "EUR:99" is "99"/,
    },
    missing: {
      "": /MEMBER is missing: member.json of each node/,
      "$HOME/alpha/member.json": /--issuers is missing; name who may create money/,
    },
    fails: [
      "$HOME/no.json --issuers alpha",
      /no\.json: .*; ask its operator for the member.json that keygen wrote/,
    ],
    succeeds:
      "$HOME/alpha/member.json $HOME/bravo/member.json --issuers alpha --out $HOME/again.json",
  },
  "genesis inspect": {
    bad: { "one two": /"two" is one argument too many; it takes FILE/ },
    missing: { "": /FILE is missing: a genesis file; it takes FILE/ },
    fails: ["$HOME/no.json", /no\.json: the genesis cannot be read.*; name a file/],
    succeeds: "$HOME/genesis.json",
  },
  "genesis hash": {
    bad: { "one two": /"two" is one argument too many; it takes FILE/ },
    missing: { "": /FILE is missing: a genesis file; it takes FILE/ },
    fails: [
      "$HOME/alpha/member.json",
      /member\.json: .* is not known: remove it, or see createdAt/,
    ],
    succeeds: "$HOME/genesis.json",
  },
  init: {
    bad: {
      "$HOME/alpha --client-listen 0.0.0.0:7001":
        /--client-listen is "0.0.0.0:7001", but must be a loopback host:port/,
      "$HOME/alpha --peer-listen 7001": /--peer-listen is "7001", but must be host:port/,
    },
    missing: { "": /DIR is missing: the folder that keygen made/ },
    fails: ["$HOME/none", /none holds no keys; make them by countersign keygen --out/],
    succeeds: "$HOME/bravo --genesis $HOME/genesis.json",
  },
  certs: {
    bad: { "--out=": /--out is empty; it takes DIR/ },
    missing: { "--out": /argument missing; it takes --out DIR/ },
    fails: ["--out $HOME/genesis.json", /genesis\.json cannot be used \(E\w+\); name another path/],
    succeeds: "--out $HOME/certs",
  },
  check: {
    bad: { "--config=": /--config is empty/ },
    missing: NEEDS_CONFIG,
    fails: NO_CONFIG,
    succeeds: "--config $HOME/alpha/config.json",
  },
  "evidence list": {
    bad: { "--config=": /--config is empty/ },
    missing: NEEDS_CONFIG,
    fails: NO_CONFIG,
    succeeds: "--config $HOME/alpha/config.json",
  },
  "evidence export": {
    bad: { "--config=": /--config is empty/ },
    missing: {
      "": /--out FILE is missing; name the file to write/,
      "--out x": /--config FILE is missing; name the node's configuration file/,
    },
    fails: [
      "--out x --config $HOME/no.json",
      /no\.json: cannot be read.*make one by countersign init/,
    ],
    succeeds: "--config $HOME/alpha/config.json --out $HOME/evidence.json",
  },
  "evidence verify": {
    bad: { "x --genesis=": /--genesis is empty/ },
    missing: { "": /FILE is missing/ },
    fails: [
      "$HOME/no.json --genesis $HOME/genesis.json",
      /no\.json cannot be read.*name a file that countersign evidence export wrote/,
    ],
  },
  rejoin: {
    bad: { "--config x --wait 0": /--wait must be 1 to 86400 seconds, not "0"/ },
    missing: NEEDS_CONFIG,
    fails: NO_CONFIG,
  },
  "wallet create": {
    bad: {
      "--initial-balance 1.5": /--initial-balance is "1.5", but must be minor units/,
      "--resume x --genesis $HOME/genesis.json --wallets $HOME/more": MUST_BE_UUID,
    },
    missing: { "--asset": /argument missing; it takes --initial-balance MINOR/ },
    fails: NO_NETWORK,
  },
  "wallet show": {
    bad: { "My-Wallet": MUST_BE_UUID, [`${ABSENT} ${GIVEN_NODE}`]: /genesis knows alpha/ },
    missing: { "": /WALLET is missing: the wallet's id; it takes WALLET/ },
    fails: [`${ABSENT} --network $HOME/no`, /genesis cannot be read.*--network DIR/],
  },
  "wallet list": {
    bad: {
      [`${GIVEN_NODE} --wallets $HOME/wallets`]: /--node is "mallory", but the genesis knows/,
    },
    missing: { "--wallets": /argument missing; it takes --node NODE/ },
    fails: ["--wallets $HOME/wallets --network $HOME/no", /genesis cannot be read.*--network DIR/],
    succeeds: "--wallets $HOME/empty",
  },
  transfer: {
    bad: {
      "--from x --to y --amount 1": MUST_BE_UUID,
      [`${FROM_TO} --amount -1`]:
        /--amount is followed by what looks like an option; write --amount=VALUE/,
      [`${FROM_TO} --amount 1e3`]: /--amount is "1e3", but must be minor units/,
      [`${FROM_TO} --amount 1 --asset eur --genesis $HOME/genesis.json`]:
        /--asset is "eur", but the/,
      [`${FROM_TO} --amount 1 --wait long`]: /--wait is "long", but must be final or sealed/,
      [`${FROM_TO} --amount 1 --valid-until soon`]: /--valid-until is "soon", but must be a whole/,
    },
    missing: { "": /--from WALLET is missing: who pays/, [FROM_TO]: /--amount MINOR is missing/ },
    fails: [`${FROM_TO} --amount 1 --network $HOME/no`, /genesis cannot be read.*--network DIR/],
  },
  sign: {
    bad: {
      [`${FROM_TO} --amount EUR`]: /--amount is "EUR", but must be minor units/,
      [`${FROM_TO} --amount 1 --asset X --genesis $HOME/genesis.json`]: /--asset is "X", but the/,
    },
    missing: { "": /--from WALLET is missing/, [`--from ${ABSENT}`]: /--to WALLET is missing/ },
    fails: [
      `${FROM_TO} --amount 1 --genesis $HOME/genesis.json --wallets $HOME/wallets`,
      /the key of 0f8e.* is not in .*wallets; see wallet list, and --wallets DIR/,
    ],
    succeeds: `--from $WALLET --to ${PAYEE} --amount 1 --genesis $HOME/genesis.json --wallets $HOME/wallets`,
  },
  "receipt get": {
    bad: { "--wallet x": MUST_BE_UUID, [`--from ${ABSENT} --id x`]: MUST_BE_UUID },
    missing: {
      "": /name a payment by --from and --id, or a wallet by --wallet/,
      [`--from ${ABSENT}`]: /name a payment by --from and --id/,
    },
    fails: [`--wallet ${ABSENT} --network $HOME/no`, /genesis cannot be read.*--network DIR/],
  },
  "receipt verify": {
    bad: { "a.json b.json": /"b.json" is one argument too many; it takes FILE/ },
    missing: { "": /FILE is missing: a receipt as the API gave it/ },
    fails: [
      "$HOME/x.json --genesis $HOME/genesis.json",
      /x\.json cannot be read \(ENOENT.*; name a receipt, as countersign receipt get prints it/,
    ],
  },
  status: {
    bad: { "--network=": /--network is empty; it takes DIR/ },
    missing: { "--network": /argument missing; it takes --network DIR/ },
    fails: NO_NETWORK,
  },
  network: { bad: BAD_NODE, missing: { "--node": /argument missing/ }, fails: NO_NETWORK },
  peers: { bad: BAD_NODE, missing: { "--node": /argument missing/ }, fails: NO_NETWORK },
  bench: {
    bad: {
      "--seconds 0": /--seconds is "0", but must be a whole number from 1 to 600/,
      "--payers 1": /--payers is "1", but must be a whole number from 2 to 1000/,
      ...BAD_NODE,
    },
    missing: { "--seconds": /argument missing; it takes --seconds S/ },
    fails: NO_NETWORK,
  },
  completion: {
    bad: { "--shell tcsh": /--shell is "tcsh", but must be bash or zsh or fish/ },
    missing: { "--shell": /argument missing; it takes --shell SHELL/ },
    succeeds: "",
  },
};

>>>>>>> 5b01d6b (Tests: titles without the banned words; the check of prose holds test/ and heads of every form)
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

/**
 * Runs the command in this process, with streams of its own: starting the program hundreds of times would take too
 * long.
 */
async function run(line: string): Promise<Outcome> {
  const texts = { stdout: "", stderr: "" };
  const into = (name: keyof typeof texts) =>
    new Writable({
      write: (chunk, _, done) => {
        texts[name] += chunk;
        done();
      },
    });
  const streams = { stdout: into("stdout"), stderr: into("stderr") };
  const args = line.split(" ").filter((word) => word !== "");
  const filled = args.map((word) =>
    word.replace("$HOME", home).replace("$PORT", `${port}`).replace("$WALLET", wallet),
  );
  const code = await runCommandLine(filled, streams);
  return { code, out: texts.stdout, error: texts.stderr };
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
