/**
 * Goal: three verifiers that share no code never disagree about a receipt, and no changed receipt passes as the
 * original. Method: this project's, the one of verifiers/python and, where Go is present, the one of verifiers/go judge changes
 * of single bits and of the structure of every good receipt: all changes, or a sample that the seed selects, RECEIPT_MUTANTS of
 * each receipt and kind (a number, or "all"). Those in Python and Go must also name the same check.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Bytes, utf8 } from "../../src/primitives/bytes.ts";
import { sweep } from "../support/sweep.ts";
import { GoJudge, HAS_GO } from "./go-judge.ts";
import { ACCEPTED } from "./receipt-cases.ts";
import type { OperationName } from "./receipt-forge.ts";
import { JudgeProcess, judge } from "./receipt-judges.ts";
import { structuralMutants } from "./receipt-mutants.ts";

const WANTED = process.env["RECEIPT_MUTANTS"] ?? sweep({ whole: "all", all: "300", share: "100" });
const SEED = Number(process.env["SEED"] ?? Date.now() % 1_000_000);
const MS_MAX = WANTED === "all" ? 1_800_000 : 300_000;
const texts = ACCEPTED.map(({ text }) => new TextDecoder().decode(text));

let python: JudgeProcess;
let go: GoJudge | undefined;
beforeAll(() => {
  python = JudgeProcess.python();
  if (HAS_GO) go = new GoJudge();
});
afterAll(() => {
  python.close();
  go?.close();
});

/** The step and the first number that select this many of `count`. */
function sampleOf(count: number): { readonly from: number; readonly step: number } {
  const step = WANTED === "all" ? 1 : Math.max(1, Math.floor(count / Number(WANTED)));
  return { from: SEED % step, step };
}

function ownVerdict(operation: OperationName, text: Bytes): string {
  return judge(operation, text).outcome.charAt(0);
}

/** This project's verdict: "i" for any failing check. A judge that throws has no verdict and is shown. */
function shortened(verdicts: readonly string[]): readonly string[] {
  return verdicts.map((verdict) => (/^[0-9]/.test(verdict) ? "i" : verdict));
}

/** One text that is changed in place: it must be judged before the next change. */
function* flipped(text: Bytes, { from, step }: ReturnType<typeof sampleOf>): Generator<Bytes> {
  const changed = Uint8Array.from(text);
  for (let number = from; number < text.length * 8; number += step) {
    const [place, bit] = [Math.floor(number / 8), 1 << (number % 8)];
    changed[place] = (changed[place] ?? 0) ^ bit;
    yield changed;
    changed[place] = (changed[place] ?? 0) ^ bit;
  }
}

describe(`${HAS_GO ? "all three verifiers judge" : "Go is missing; both other verifiers judge"} alike (seed ${SEED})`, () => {
  it.each(ACCEPTED)(
    "single bits of a receipt $name, and accept none",
    async ({ operation, text }) => {
      const sample = sampleOf(text.length * 8);
      // The other processes work while this one does.
      const [theirs, inGo] = [python, go?.judge].map((one) => one?.flips(operation, text, sample));
      const own: string[] = [];
      for (const mutant of flipped(text, sample)) own.push(ownVerdict(operation, mutant));
      expect(own.length).toBeGreaterThanOrEqual(100);
      expect(own.join("")).toBe("i".repeat(own.length));
      expect(shortened((await theirs) ?? [])).toEqual(own);
      if (inGo !== undefined) expect(await inGo).toEqual(await theirs);
    },
    MS_MAX,
  );

  it.each(ACCEPTED.map((one, place) => ({ ...one, place })))(
    "other structures of a receipt $name",
    async ({ operation, place }) => {
      const [text = "", others] = [texts[place], texts.toSpliced(place, 1)];
      const mutants = [...structuralMutants(text, others)];
      const { from, step } = sampleOf(mutants.length);
      const taken = mutants.filter((_, i) => i % step === from);
      expect(taken.length).toBeGreaterThanOrEqual(100);
      const all = taken.map((mutant) => utf8(mutant));
      const [judged, inGo] = [python, go?.judge].map((one) => one?.texts(operation, all));
      const own = all.map((mutant) => ownVerdict(operation, mutant));
      const checks = (await judged) ?? [];
      const theirs = shortened(checks);
      expect(taken.filter((_, i) => own[i] !== theirs[i])).toEqual([]);
      if (inGo === undefined) return;
      const goChecks = await inGo;
      expect(goChecks).toHaveLength(taken.length);
      expect(taken.filter((_, i) => goChecks[i] !== checks[i])).toEqual([]);
    },
    MS_MAX,
  );
});
