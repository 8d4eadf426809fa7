/**
 * Goal: a web page checks receipts and proofs by itself. Method: the verifier is bundled as a page loads it, and judges all receipts and proofs
 * of the vectors, and mutants of them, in Chromium; its verdicts are those of Node.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { verifyReceiptText } from "../../src/client/receipt-text.ts";
import { formatGenesis } from "../../src/ledger/genesis-json.ts";
import { type Bytes, utf8 } from "../../src/primitives/bytes.ts";
import { ACCEPTED_PROOFS, type ProofCase } from "../client/proof-cases.ts";
import { BLOCK_CASES, FORM_CASES } from "../client/proof-cases-block.ts";
import { STATEMENT_CASES } from "../client/proof-cases-statement.ts";
import { STRICT_CASES } from "../client/proof-cases-strict.ts";
import { WALLET_CASES } from "../client/proof-cases-wallet.ts";
import { judgeProof } from "../client/proof-judge.ts";
import { byteMutants } from "../client/proof-mutants.ts";
import { ACCEPTED, REFUSED } from "../client/receipt-cases.ts";
import { structuralMutants } from "../client/receipt-mutants.ts";
import { genesis, trust } from "../client/workshop.ts";
import { sweep } from "../support/sweep.ts";
import { type Bundle, bundleFor } from "./bundle.ts";
import { Browser, hasChromium, serveOrigin } from "./chromium.ts";
import type { AskedProof, Judged, judgeProofs as judgeProofsOfPage } from "./verifier-page.ts";

const GZIP_BYTES_MAX = 40_000;
const MUTANTS = sweep({ share: 20, all: 100, whole: 1_000 });
const SEED = Number(process.env["SEED"] ?? Date.now() % 1_000_000);
const PAGE = new URL("verifier-page.ts", import.meta.url).pathname;

let bundle: Bundle;
beforeAll(async () => {
  bundle = await bundleFor(PAGE);
});

it(`the verifier has at most ${GZIP_BYTES_MAX} bytes with its cryptography, compressed by gzip`, () => {
  console.log(`the verifier for browsers has ${bundle.gzipBytes} bytes, compressed by gzip`);
  expect(bundle.gzipBytes).toBeLessThanOrEqual(GZIP_BYTES_MAX);
});

function own(text: Bytes): Judged {
  const found = verifyReceiptText(trust, text);
  return found.valid
    ? { outcome: found.result.status, field: "" }
    : { outcome: "invalid", field: found.field };
}

declare global {
  var judgeAll: (genesisText: string, receipts: readonly string[]) => readonly Judged[];
  var judgeProofs: typeof judgeProofsOfPage;
}

function absent(): never {
  throw new Error("there is no good receipt");
}

/** The proofs of the vectors, and some single bits and other changes of each good one. */
function proofs(): ProofCase[] {
  const all = ACCEPTED_PROOFS.map(({ bytes }) => bytes);
  const changed = ACCEPTED_PROOFS.flatMap((one, place) => {
    const flips = Array.from({ length: MUTANTS }, (_, i) => {
      const bit = (SEED + i * 7_919) % (one.bytes.length * 8);
      return one.bytes.with(bit >> 3, (one.bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7)));
    });
    const others = all.toSpliced(place, 1);
    const mutants = [...flips, ...byteMutants(SEED + place, one.bytes, others, MUTANTS)];
    return mutants.map((bytes, i) => ({ ...one, bytes, name: `${one.name}, mutant ${i}` }));
  });
  const refused = [
    ...FORM_CASES,
    ...BLOCK_CASES,
    ...WALLET_CASES,
    ...STATEMENT_CASES,
    ...STRICT_CASES,
  ];
  return [...ACCEPTED_PROOFS, ...refused, ...changed];
}

/** Some of the structural mutants of each good receipt, and some single bits of it. */
function mutants(): Bytes[] {
  const texts = ACCEPTED.map(({ text }) => new TextDecoder().decode(text));
  return texts.flatMap((text, place) => {
    const all = [...structuralMutants(text, texts.toSpliced(place, 1))];
    const taken = Array.from({ length: MUTANTS }, (_, i) => all[(SEED + i * 977) % all.length]);
    const flips = Array.from({ length: MUTANTS }, (_, i) => {
      const flipped = utf8(text);
      const bit = (SEED + i * 7_919) % (flipped.length * 8);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      return flipped;
    });
    return [...taken.map((mutant = "") => utf8(mutant)), ...flips];
  });
}

describe.skipIf(!hasChromium)(`in Chromium (seed ${SEED})`, () => {
  let browser: Browser;
  let site: Awaited<ReturnType<typeof serveOrigin>>;
  beforeAll(async () => {
    site = await serveOrigin();
    browser = await Browser.start();
  });
  afterAll(async () => {
    await browser?.close();
    site.close();
  });

  it("judges every vector, and mutants of them, as Node does", async () => {
    const page = await browser.open(site.origin, bundle.code);
    const texts = [...ACCEPTED, ...REFUSED].map(({ text }) => text).concat(mutants());
    const asked = texts.map((text) => Buffer.from(text).toString("base64"));
    const judged = await page.evaluate(
      ([genesisText, receipts]) => globalThis.judgeAll(genesisText, receipts),
      [formatGenesis(genesis), asked] as const,
    );
    expect(judged.length).toBeGreaterThan(ACCEPTED.length * MUTANTS);
    for (const [i, verdict] of judged.entries()) {
      const text = texts[i] ?? new Uint8Array();
      expect(verdict, new TextDecoder().decode(text)).toEqual(own(text));
    }
  });

  it("judges every proof, and mutants of them, as Node does", async () => {
    const page = await browser.open(site.origin, bundle.code);
    const cases = proofs();
    const asked = cases.map(({ kind, wallet, bytes }): AskedProof => {
      return { kind, wallet, base64: Buffer.from(bytes).toString("base64") };
    });
    const judged = await page.evaluate(
      ([genesisText, all]) => globalThis.judgeProofs(genesisText, all),
      [formatGenesis(genesis), asked] as const,
    );
    expect(judged).toHaveLength(cases.length);
    for (const [i, one] of cases.entries()) {
      expect(judged[i], one.name).toEqual(judgeProof(one));
    }
  });

  it("checks a sealed receipt; the time is shown", async () => {
    const page = await browser.open(site.origin, bundle.code);
    const [good = absent()] = ACCEPTED;
    const many = Array.from({ length: 100 }, () => Buffer.from(good.text).toString("base64"));
    const ms = await page.evaluate(
      ([genesisText, receipts]) => {
        globalThis.judgeAll(genesisText, receipts.slice(0, 20));
        const start = performance.now();
        const judged = globalThis.judgeAll(genesisText, receipts);
        if (judged.some(({ outcome }) => outcome !== "applied")) return Number.NaN;
        return (performance.now() - start) / receipts.length;
      },
      [formatGenesis(genesis), many] as const,
    );
    console.log(`a receipt with ${good.name} takes ${ms.toFixed(1)} ms in Chromium`);
    expect(ms).toBeGreaterThan(0);
  });
});
