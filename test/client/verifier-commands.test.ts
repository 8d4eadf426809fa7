/**
 * Goal: the commands in Python and Go say the same to a person and to a program, and hostile files cost them little. Method: both judge
 * the proofs of the vectors, and hostile files under limits of the operating system; Go where it is present.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { formatGenesis } from "../../src/ledger/genesis-json.ts";
import { type Bytes, concatBytes, utf8 } from "../../src/primitives/bytes.ts";
import { LIMITS } from "../../src/primitives/limits.ts";
import { sweep } from "../support/sweep.ts";
import { goCommand, HAS_GO } from "./go-judge.ts";
import { HOSTILE_FILES } from "./hostile-files.ts";
import { ACCEPTED_PROOFS, accepted } from "./proof-cases.ts";
import { BLOCK_CASES } from "./proof-cases-block.ts";
import { judgeFile } from "./proof-judge.ts";
import { genesis } from "./workshop.ts";

const SCRIPT = new URL("../../verifiers/python/verify.py", import.meta.url).pathname;
/** Address space, of which Go reserves more than half at its start, and processor time of one verifier. */
const KIB_MAX = 2_000_000;
const SECONDS_MAX = 60;
/** Ends what hangs: hundreds of processes, on a machine that others keep busy. */
const MS_MAX = 900_000;
const { proofBytesMax } = LIMITS;
/** Each run starts processes; proof-agreement.test.ts judges all proofs and files within two. */
const SHOWN = ACCEPTED_PROOFS.filter((_, i) => i % sweep({ share: 7, all: 1 }) === 0);

let folder: string;
let go: readonly string[] | undefined;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "countersign-verify-"));
  writeFileSync(join(folder, "genesis.json"), formatGenesis(genesis));
  if (!HAS_GO) return;
  go = [join(folder, "verify")];
  goCommand("build", "-o", join(folder, "verify"), "./cmd/countersign-verify");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const commands = () => ({ python: ["python3", "-B", SCRIPT], ...(go && { go }) });

interface Run {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

/** Each command on one file. */
function onFile(file: Bytes, ...options: readonly string[]): Readonly<Record<string, Run>> {
  writeFileSync(join(folder, "file"), file);
  const runs = Object.entries(commands()).map(([name, command]) => {
    const limited = ["-c", 'ulimit -v "$0" -t "$1"; shift; exec "$@"', KIB_MAX, SECONDS_MAX];
    const args = [...limited, ...command, "file", "--genesis", "genesis.json", ...options];
    const { status, stdout, stderr } = spawnSync("bash", args.map(String), {
      cwd: folder,
      encoding: "utf8",
    });
    return [name, { code: status, out: stdout, error: stderr }] as const;
  });
  return Object.fromEntries(runs);
}

/** The runs of all commands, which must be the same, as one. */
function sameOnFile(file: Bytes, ...options: readonly string[]): Run {
  const [first, ...others] = Object.values(onFile(file, ...options));
  if (first === undefined) throw new Error("there is a verifier in Python");
  for (const other of others) expect(other).toEqual(first);
  expect(first.error).toBe("");
  return first;
}

describe(HAS_GO ? "the commands in Python and Go" : "Go is missing; the command in Python", () => {
  it.each(SHOWN)("say the same of $name", ({ bytes }) => {
    const judged = judgeFile(bytes);
    const isSealed = judged.verdict === "valid" && judged.proves["sealed"] === true;
    const code = isSealed ? 0 : 1;
    const inJson = sameOnFile(bytes, "--json");
    expect(inJson.code).toBe(code);
    const proves = judged.verdict === "valid" && judged.proves;
    const verdict = isSealed ? "valid" : "pending";
    expect(JSON.parse(inJson.out)).toMatchObject({ verdict, proves });
    const text = sameOnFile(bytes);
    expect(text.code).toBe(code);
    expect(text.out).toMatch(isSealed ? /^\w+ +valid: / : /^\w+ +SEAL PENDING, accepted only/);
    expect(sameOnFile(bytes, "--allow-pending").code).toBe(0);
  });

  it("refuse a proof about another wallet than was asked about", () => {
    const { bytes, wallet = "" } = accepted("a wallet");
    expect(sameOnFile(bytes, "--wallet", wallet).code).toBe(0);
    const other = sameOnFile(bytes, "--json", "--wallet", wallet.replace(/.$/, "0"));
    expect(other).toMatchObject({ code: 1, out: expect.stringContaining('"reason":"wallet"') });
  });

  it("name the check that fails", () => {
    const cases = BLOCK_CASES.filter(({ reason }, i) => reason !== "wallet" && i % 8 === 0);
    for (const { bytes, reason, name } of cases) {
      for (const { code, out } of Object.values(onFile(bytes, "--json"))) {
        expect({ code, ...JSON.parse(out) }, name).toMatchObject({ code: 1, reason, proves: null });
      }
    }
  });

  it(
    "refuse hostile files in words, with little memory and time",
    () => {
      const large = [
        { name: "zeros of the most bytes", file: new Uint8Array(proofBytesMax) },
        { name: "braces of the most bytes", file: new Uint8Array(proofBytesMax).fill(0x7b) },
        { name: "spaces of the most bytes", file: new Uint8Array(proofBytesMax).fill(0x20) },
        { name: "base64 of the most bytes", file: lineOf(proofBytesMax) },
      ];
      const some = HOSTILE_FILES.filter((_, i) => i % sweep({ share: 8, all: 1 }) === 0);
      for (const { name, file } of [...some, ...large]) {
        for (const { code, out, error } of Object.values(onFile(file, "--json"))) {
          expect({ code, error }, name).toEqual({ code: 1, error: "" });
          expect(JSON.parse(out), name).toMatchObject({ verdict: "invalid", reason: "form" });
        }
      }
    },
    MS_MAX,
  );

  it("read the longest statement", () => {
    const head = accepted("a statement behind all entries").bytes.slice(0, -4);
    const count = LIMITS.statementProofEntriesMax;
    const entries = new Uint8Array(count * (8 + 1 + 8 + 1 + 32));
    const file = concatBytes(head, Uint8Array.of(0, count >> 16, count >> 8, count), entries);
    const { code, out } = sameOnFile(file, "--json");
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ verdict: "invalid", reason: "chain" });
  });

  it("say which file or option is wrong, with exit code 2", () => {
    const good = accepted("the supply").bytes;
    const wrong = [
      ["--genesis", "missing.json"],
      ["--genesis", "."],
      ["--genesis", "file"],
      ["--wallet", "alice"],
      ["--operation", "missing.bin"],
      ["--no-such-option"],
    ];
    for (const options of wrong) {
      for (const { code, out, error } of Object.values(onFile(good, ...options))) {
        expect({ code, out }, options.join(" ")).toEqual({ code: 2, out: "" });
        expect(error).not.toMatch(/Traceback|panic|goroutine/);
        expect(error.length).toBeGreaterThan(10);
      }
    }
    for (const { code } of Object.values(onFile(new Uint8Array(proofBytesMax + 1)))) {
      expect(code).toBe(2);
    }
  });

  it("refuse a hostile genesis in words", () => {
    const text = readFileSync(join(folder, "genesis.json"), "utf8");
    const one = JSON.stringify(JSON.parse(text));
    const hostile = [
      "",
      "[".repeat(100_000),
      '{"a":'.repeat(100_000),
      one.replace('"createdAt":', `"createdAt":${"9".repeat(100_000)},"x":`),
      one.replace('"createdAt":', '"createdAt":1e999999999,"x":'),
      one.replace('"createdAt":', '"createdAt":-1,"x":'),
      one.replace('{"createdAt"', '{"createdAt":1,"createdAt"'),
      one.replace('"node1"', '"\\ud800"'),
      one.replace('"node1"', "{}"),
      one.replace(/"assets":\[.*?\]/, '"assets":null'),
      one.replace(/"identityKey":"./, '"identityKey":"'),
      one.replace(/\}$/, ',"rulesets":[]}').replace(/"rulesets":\[.+?\],/, ""),
      one.replace(/"ruleset":\d+/, '"ruleset":1'),
      one.replace(/"ruleset":(\d+),"height":\d+/, '"ruleset":$1,"height":0'),
      one.replace(/"limits":\{/, '"limits":{"__proto__":1,'),
    ];
    for (const genesisText of hostile) {
      expect(genesisText).not.toBe(one);
      writeFileSync(join(folder, "hostile.json"), genesisText);
      const runs = onFile(utf8("{}"), "--genesis", "hostile.json");
      for (const { code, out, error } of Object.values(runs)) {
        expect({ code, out }, genesisText.slice(0, 200)).toEqual({ code: 2, out: "" });
        expect(error).toMatch(/the genesis (is wrong|cannot be read): /);
        expect(error.length).toBeLessThan(1_000);
      }
    }
  });
});

/** A file of so many bytes, with the base64 of zeros. */
function lineOf(length: number): Bytes {
  const [head, tail] = [utf8('{"format":"countersign/v1/supply-proof","proof":"'), utf8('"}')];
  const inside = length - head.length - tail.length;
  const encoded = new Uint8Array(inside - (inside % 4)).fill(0x41);
  return concatBytes(head, encoded, tail);
}
