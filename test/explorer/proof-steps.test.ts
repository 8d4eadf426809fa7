/**
 * Goal: of a refused proof, the page shows the step that fails, and no other. Method: all proofs of the vectors as files, in binary and in JSON. A file
 * names its wallet itself, so a proof of another wallet than the one that was asked for holds.
 */
import { describe, expect, it } from "vitest";
import type { Step } from "../../explorer/check-step.ts";
import { checkProof } from "../../explorer/proof-steps.ts";
import { proofToJson } from "../../src/client/proof-file.ts";
import { utf8 } from "../../src/primitives/bytes.ts";
import { ACCEPTED_PROOFS } from "../client/proof-cases.ts";
import { BLOCK_CASES, FORM_CASES } from "../client/proof-cases-block.ts";
import { STATEMENT_CASES } from "../client/proof-cases-statement.ts";
import { STRICT_CASES } from "../client/proof-cases-strict.ts";
import { WALLET_CASES } from "../client/proof-cases-wallet.ts";
import { judgeFile } from "../client/proof-judge.ts";
import { trust } from "../client/workshop.ts";

const REFUSED = [
  ...[...FORM_CASES, ...BLOCK_CASES, ...WALLET_CASES],
  ...[...STATEMENT_CASES, ...STRICT_CASES],
];
const failing = (steps: readonly Step[]) => steps.filter(({ holds }) => holds === false);

describe("the steps of a proof", () => {
  it.each(ACCEPTED_PROOFS)("all hold for $name", ({ bytes }) => {
    for (const file of [bytes, utf8(proofToJson(bytes))]) {
      const { verdict, steps } = checkProof(trust, file);
      expect(verdict.valid).toBe(true);
      expect(steps.every(({ holds }) => holds === true)).toBe(true);
      expect(steps.length).toBeGreaterThanOrEqual(5);
    }
  });

  it.each(REFUSED)("name $reason for $name", ({ bytes }) => {
    const judged = judgeFile(bytes);
    const { verdict, steps } = checkProof(trust, bytes);
    const names = failing(steps).map(({ name }) => name.split("-"));
    if (judged.verdict === "valid") {
      expect([verdict.valid, names]).toEqual([true, []]);
      return;
    }
    expect(verdict.valid).toBe(false);
    expect(names).toHaveLength(1);
    expect(names[0]).toContain(judged.reason);
    expect(failing(steps)[0]?.text.length).toBeGreaterThan(5);
  });
});
