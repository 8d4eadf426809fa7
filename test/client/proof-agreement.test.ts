/**
 * Goal: verifiers that share no code never disagree about a proof, and no changed proof passes. Method: this project's verifier with
 * native and with portable cryptography, that of verifiers/python and, where Go is present, that of verifiers/go judge all
 * vectors, hostile files, changes of single bits of each good proof, and changes of its parts. All must say the same: what is proven,
 * word for word, or the same reason. Sweeps are samples that the seed selects; COUNTERSIGN_TESTS=whole takes every bit.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as portable from "../../src/client/portable-crypto.ts";
import { proofToJson } from "../../src/client/proof-file.ts";
import { type Trust, trustGenesis } from "../../src/client/receipt-verifier.ts";
import { type Bytes, concatBytes, utf8 } from "../../src/primitives/bytes.ts";
import { sweep } from "../support/sweep.ts";
import { GoJudge, HAS_GO } from "./go-judge.ts";
import { HOSTILE_FILES } from "./hostile-files.ts";
import { ACCEPTED_PROOFS, accepted, type ProofCase } from "./proof-cases.ts";
import { BLOCK_CASES, FORM_CASES } from "./proof-cases-block.ts";
import { STATEMENT_CASES } from "./proof-cases-statement.ts";
import { STRICT_CASES } from "./proof-cases-strict.ts";
import { WALLET_CASES } from "./proof-cases-wallet.ts";
import { judgeFile, judgeProof } from "./proof-judge.ts";
import { byteMutants } from "./proof-mutants.ts";
import { ACCEPTED, REFUSED } from "./receipt-cases.ts";
import { JudgeProcess } from "./receipt-judges.ts";
import { genesis, trust } from "./workshop.ts";

const FLIPS = sweep<number | "all">({ share: 40, all: 150, whole: "all" });
const MUTANTS = sweep({ share: 64, all: 240, whole: 2_400 });
/** Portable signatures take a hundred times as long as native ones. */
const PORTABLE_EVERY = 10;
const SEED = Number(process.env["SEED"] ?? Date.now() % 1_000_000);
const MS_MAX = FLIPS === "all" ? 3_600_000 : 300_000;
const VECTORS = [
  ...ACCEPTED_PROOFS,
  ...FORM_CASES,
  ...BLOCK_CASES,
  ...WALLET_CASES,
  ...STATEMENT_CASES,
  ...STRICT_CASES,
];
const cryptography = {
  hash: portable.sha256,
  verify: portable.verify,
  isValidPoint: portable.isValidPoint,
};
const portably: Trust = trustGenesis(genesis, cryptography);

let go: GoJudge | undefined;
let python: JudgeProcess;
beforeAll(() => {
  python = JudgeProcess.python();
  if (HAS_GO) go = new GoJudge();
});
afterAll(() => {
  python.close();
  go?.close();
});

/** The verdicts of one way to ask, by each verifier in another process; Go only where it is present. */
async function theirs(
  ask: (judge: JudgeProcess) => Promise<readonly string[]>,
): Promise<Readonly<Record<string, readonly string[]>>> {
  // Both work at the same time.
  const [inPython, inGo] = [ask(python), go && ask(go.judge)];
  return { python: await inPython, ...(inGo && { go: await inGo }) };
}

/** The vectors of receipts. What a receipt of another operation than the one that was sent (2.4) proves is true. */
const API_RECEIPTS = [...ACCEPTED, ...REFUSED].map(({ name, check, text }) => {
  return { name, text, holds: check === undefined || check === "2.4" };
});

/** As GetReceipt answers it. The field beside it is not judged: the verdict tells what is proven. */
function inAnswer(text: Bytes): Bytes {
  return concatBytes(utf8('{"result":{"status":"APPLIED"},"receipt":'), text, utf8("}"));
}

/** Without the reason of a refusal: this verifier reads all parts of a receipt before it checks the first. */
function outcomeOf(verdict: string): string {
  return verdict.startsWith("{") ? verdict : "invalid";
}

/** In the form of the other judges, whose facts are JSON without spaces. */
function own(one: ProofCase, by: Trust = trust): string {
  return shown(judgeProof(one, by));
}

function shown(judged: ReturnType<typeof judgeFile>): string {
  return judged.verdict === "valid" ? sorted(judged.proves) : judged.reason;
}

/** With its names in one order. */
function sorted(value: unknown): string {
  return JSON.stringify(value, (_, inner) =>
    inner !== null && typeof inner === "object" && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

function normal(verdict: string): string {
  return verdict.startsWith("{") ? sorted(JSON.parse(verdict)) : verdict;
}

/** Fails with the inputs about which a verifier disagrees. */
function expectSame(
  name: (i: number) => string,
  expected: readonly string[],
  judged: Readonly<Record<string, readonly string[]>>,
): void {
  for (const [verifier, verdicts] of Object.entries(judged)) {
    expect(verdicts, verifier).toHaveLength(expected.length);
    const others = verdicts.flatMap((verdict, i) => {
      return normal(verdict) === expected[i]
        ? []
        : [`${name(i)}: ${verdict} instead of ${expected[i]}`];
    });
    expect(others, verifier).toEqual([]);
  }
}

/** The statement about the ledger in an accepted verdict, however it is certified. */
function claimOf(verdict: string): string {
  const { sealed: _, certifiedHeight: __, ...claim } = JSON.parse(verdict);
  return JSON.stringify(claim);
}

/** The absence of any wallet after the first block of the vectors' ledger, which holds none: another proof's state put here shows it. */
function isOfNoWalletYet(verdict: string): boolean {
  const { kind, height } = JSON.parse(verdict);
  return kind === "absence" && height === "1";
}

function flipped(bytes: Bytes, number: number): Bytes {
  return bytes.with(number >> 3, (bytes[number >> 3] ?? 0) ^ (1 << (number & 7)));
}

describe(`${HAS_GO ? "TypeScript, Python and Go judge" : "Go is missing; TypeScript and Python judge"} alike (seed ${SEED})`, () => {
  it("every vector", async () => {
    const expected = VECTORS.map((one) => own(one));
    expect(expected.filter((verdict) => verdict.startsWith("{"))).toHaveLength(
      ACCEPTED_PROOFS.length,
    );
    const inPortable = VECTORS.map((one) => own(one, portably));
    const others = await theirs((judge) => judge.proofs(VECTORS));
    expectSame((i) => VECTORS[i]?.name ?? "", expected, { portable: inPortable, ...others });
  });

  it("which receipts of the API hold, alone and in an answer, and what they prove", async () => {
    const texts = API_RECEIPTS.flatMap(({ text }) => [text, inAnswer(text)]);
    const own = texts.map((text) => outcomeOf(shown(judgeFile(text))));
    const holds = API_RECEIPTS.map(({ holds }) => holds);
    expect(own.map((outcome) => outcome !== "invalid")).toEqual(holds.flatMap((one) => [one, one]));
    const others = Object.entries(await theirs((judge) => judge.files(texts)));
    const judged = others.map(([verifier, verdicts]) => [verifier, verdicts.map(outcomeOf)]);
    expectSame((i) => `${API_RECEIPTS[i >> 1]?.name} (${i})`, own, Object.fromEntries(judged));
  });

  it("hostile files, within a time that no input stretches", async () => {
    const files = HOSTILE_FILES.map(({ file }) => file);
    const expected = files.map((file) => shown(judgeFile(file)));
    expect(new Set(expected)).toEqual(new Set(["form"]));
    const others = await theirs((judge) => judge.files(files));
    expectSame((i) => HOSTILE_FILES[i]?.name ?? "", expected, others);
  });

  it.each(ACCEPTED_PROOFS)(
    "single bits of $name, and accept none",
    async (one) => {
      const count = one.bytes.length * 8;
      const step = FLIPS === "all" ? 1 : Math.max(1, Math.floor(count / FLIPS));
      const sample = { from: SEED % step, step };
      const asked = theirs((judge) => judge.proofFlips(one, sample));
      const numbers: number[] = [];
      for (let number = sample.from; number < count; number += step) numbers.push(number);
      const mutants = numbers.map((number) => ({ ...one, bytes: flipped(one.bytes, number) }));
      const expected = mutants.map((mutant) => own(mutant));
      expect(expected.filter((verdict) => verdict.startsWith("{"))).toEqual([]);
      expect(expected.length).toBeGreaterThanOrEqual(40);
      for (let i = SEED % PORTABLE_EVERY; i < mutants.length; i += PORTABLE_EVERY) {
        expect(own(mutants[i] ?? one, portably), `bit ${numbers[i]}`).toBe(expected[i]);
      }
      expectSame((i) => `bit ${numbers[i]}`, expected, await asked);
    },
    MS_MAX,
  );

  it.each(["a receipt of a payment", "a wallet", "the supply", "a whole statement"])(
    "single bits of the JSON around %s, and accept none",
    async (name) => {
      const file = utf8(proofToJson(accepted(name).bytes));
      const step = FLIPS === "all" ? 1 : Math.max(1, Math.floor((file.length * 8) / FLIPS));
      const files = [file];
      for (let bit = SEED % step; bit < file.length * 8; bit += step)
        files.push(flipped(file, bit));
      // More of the text in front of the base64.
      for (let bit = 0; bit < 64 * 8; bit += 7) files.push(flipped(file, bit));
      const expected = files.map((one) => shown(judgeFile(one)));
      expect(expected.filter((verdict) => verdict.startsWith("{"))).toHaveLength(1);
      const others = await theirs((judge) => judge.files(files));
      expectSame((i) => `file ${i}`, expected, others);
    },
    MS_MAX,
  );

  it.each(ACCEPTED_PROOFS.map((one, place) => ({ ...one, place })))(
    "other bytes of $name",
    async ({ place, ...one }) => {
      const others = ACCEPTED_PROOFS.toSpliced(place, 1).map(({ bytes }) => bytes);
      const bytes = [...byteMutants(SEED + place, one.bytes, others, MUTANTS)];
      const mutants = bytes.map((changed) => ({ ...one, bytes: changed }));
      const asked = theirs((judge) => judge.proofs(mutants));
      const expected = mutants.map((mutant) => own(mutant));
      // A part may be put where it was, the other proof be the same up to there, or its certificate be one of the same block.
      const good = new Set(ACCEPTED_PROOFS.map((each) => claimOf(own(each))));
      const proven = expected.filter((verdict) => verdict.startsWith("{"));
      const isTrue = (verdict: string) => good.has(claimOf(verdict)) || isOfNoWalletYet(verdict);
      expect(proven.filter((verdict) => !isTrue(verdict))).toEqual([]);
      expectSame((i) => Buffer.from(bytes[i] ?? "").toString("hex"), expected, await asked);
    },
    MS_MAX,
  );
});
