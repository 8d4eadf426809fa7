/** A part of a statement proves the entries of its range, says nothing of what came before, and gives no operation outside it. */
import { describe, expect, it } from "vitest";
import { narrowStatement } from "../../src/client/narrow-statement.ts";
import { excerptOf } from "../../src/client/statement-excerpt.ts";
import { judgeStatement, verifyStatement } from "../../src/client/statement-verifier.ts";
import { height } from "../../src/primitives/numbers.ts";
import { encodeStatementProof } from "../../src/primitives/statement-proof.ts";
import { idOf, statement, TIP } from "./proof-workshop.ts";
import { trust } from "./workshop.ts";

const alice = idOf("alice");
const proof = statement("alice", "operation");
const verified = judgeStatement(trust, alice, proof);
if (!verified.valid) throw new Error(verified.problem);

const ranges = Array.from({ length: TIP }, (_, i) => i + 1).flatMap((from) =>
  Array.from({ length: TIP - from + 1 }, (_, i) => ({ from, to: from + i })),
);

describe.each(ranges)("L16: the blocks $from to $to", ({ from, to }) => {
  const range = { from: height(from), to: height(to) };
  const whole = excerptOf(verified, range);
  const narrow = narrowStatement(trust, { proof, verified }, range);
  const read = verifyStatement(trust, alice, encodeStatementProof(narrow));

  it("have the same entries and balances as in the whole statement", () => {
    if (!read.valid) return expect.fail(read.problem);
    expect(excerptOf(read, range)).toEqual(whole);
  });

  it("come with at most one entry from before, and with no operation of another block", () => {
    if (!read.valid) return expect.fail(read.problem);
    const before = read.entries.filter((entry) => entry.height < from);
    expect(before.length).toBeLessThanOrEqual(1);
    const shown = read.entries.filter(({ operation }) => operation !== undefined);
    expect(shown.every((entry) => entry.height >= from && entry.height <= to)).toBe(true);
  });

  it("are not shown to be all by a statement that begins behind them", () => {
    const behind = { ...range, from: height(TIP + 1) };
    const late = narrowStatement(trust, { proof, verified }, behind);
    const judged = verifyStatement(trust, alice, encodeStatementProof(late));
    if (!judged.valid) return expect.fail(judged.problem);
    expect(excerptOf(judged, range)).toBe("beginsLate");
  });
});
