/**
 * Goal: no changed proof passes. Method: single bits of every good proof are flipped, in its bytes and in its line of JSON: all of them, or a
 * sample that the seed selects; and every proof is judged in a network whose genesis differs.
 */
import { describe, expect, it } from "vitest";
import { proofToJson } from "../../src/client/proof-file.ts";
import { trustGenesis } from "../../src/client/receipt-verifier.ts";
import { type Bytes, utf8 } from "../../src/primitives/bytes.ts";
import { sweep } from "../support/sweep.ts";
import { cryptography } from "./network.ts";
import { ACCEPTED_PROOFS } from "./proof-cases.ts";
import { judgeFile, judgeProof } from "./proof-judge.ts";
import { genesis } from "./workshop.ts";

const WANTED = sweep({ share: 150, all: 600, whole: Number.POSITIVE_INFINITY });
const SEED = Number(process.env["SEED"] ?? Date.now() % 1_000_000);

/** One array that is changed in place: it must be judged before the next change. */
function* flipped(bytes: Bytes): Generator<Bytes> {
  const changed = Uint8Array.from(bytes);
  const step = Math.max(1, Math.floor((bytes.length * 8) / WANTED));
  for (let bit = SEED % step; bit < bytes.length * 8; bit += step) {
    const [place, mask] = [bit >> 3, 1 << (bit & 7)];
    changed[place] = (changed[place] ?? 0) ^ mask;
    yield changed;
    changed[place] = (changed[place] ?? 0) ^ mask;
  }
}

describe(`no single bit of a proof can be changed (SEED=${SEED})`, () => {
  it.each(ACCEPTED_PROOFS)("in the bytes of $name", (one) => {
    let judged = 0;
    for (const bytes of flipped(one.bytes)) {
      judged += 1;
      expect(judgeProof({ ...one, bytes }).verdict, `flip ${judged}`).toBe("invalid");
    }
    expect(judged).toBeGreaterThanOrEqual(150);
  });

  it.each(ACCEPTED_PROOFS)("in the line of JSON of $name", (one) => {
    const file = utf8(proofToJson(one.bytes));
    for (const text of flipped(file)) {
      const judgement = judgeFile(text);
      if (judgement.verdict === "invalid") continue;
      // A file names the wallet itself: of another one it may prove the absence, which is true.
      expect(judgement.proves).toMatchObject({ kind: "absence" });
      expect(judgement.proves["walletId"]).not.toBe(one.wallet);
    }
  });
});

it.each(ACCEPTED_PROOFS)("$name proves nothing in another network", (one) => {
  const other = trustGenesis({ ...genesis, createdAt: genesis.createdAt + 1 }, cryptography);
  expect(judgeProof(one, other).verdict).toBe("invalid");
});

it.each(ACCEPTED_PROOFS)("no prefix of $name is a proof", ({ bytes, ...one }) => {
  for (let length = 0; length < bytes.length; length += 7) {
    const judged = judgeProof({ ...one, bytes: bytes.slice(0, length) });
    expect(judged).toEqual({ verdict: "invalid", reason: "form" });
  }
});
