/**
 * Goal: a browser, a program without libsodium and a node never disagree about a signature, a key or a receipt. Method: libsodium,
 * OpenSSL and noble, each by its module, judge signatures that no honest program makes, all receipts of the vectors and mutants of
 * them. Where Go is present, the verifier of verifiers/go judges the same signatures and keys.
 */
import { ED25519_TORSION_SUBGROUP, ed25519 } from "@noble/curves/ed25519.js";
import { sha512 } from "@noble/hashes/sha2.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as openssl from "../../src/client/openssl-crypto.ts";
import * as portable from "../../src/client/portable-crypto.ts";
import { trustGenesis } from "../../src/client/receipt-verifier.ts";
import * as libsodium from "../../src/node/base/crypto.ts";
import { type Bytes, concatBytes, toHex, utf8 } from "../../src/primitives/bytes.ts";
import type { SignatureCheck } from "../../src/primitives/signature.ts";
import { sweep } from "../support/sweep.ts";
import { mixedKey, plainKey, raiseS, signMixed, signWithSmallR } from "./crafted-keys.ts";
import { GoJudge, HAS_GO } from "./go-judge.ts";
import { ACCEPTED, REFUSED } from "./receipt-cases.ts";
import { judge } from "./receipt-judges.ts";
import { structuralMutants } from "./receipt-mutants.ts";
import { genesis } from "./workshop.ts";

const { Point } = ed25519;
const ORDER = Point.Fn.ORDER;
const PRIME = 2n ** 255n - 19n;
const RUNS = Number(sweep({ whole: "3000", all: "400", share: "120" }));
const MUTANTS = Number(sweep({ whole: "400", all: "60", share: "15" }));
const SEED = Number(process.env["SEED"] ?? Date.now() % 1_000_000);
const OTHERS = { openssl, portable };
const torsion = ED25519_TORSION_SUBGROUP.map((hex) => Point.fromHex(hex));
const message = utf8("25 EUR to bob");

/** All that the three judged, for Go. */
const judgedSignatures: { readonly check: SignatureCheck; readonly own: boolean }[] = [];
const judgedPoints: { readonly point: Bytes; readonly own: boolean }[] = [];

/** The verdicts of all three; they must be one. */
function verdictOf(check: SignatureCheck): boolean {
  const own = libsodium.verify(check);
  judgedSignatures.push({ check, own });
  const shown = JSON.stringify(Object.values(check).map((part: Bytes) => toHex(part)));
  for (const [name, { verify }] of Object.entries(OTHERS)) {
    expect(verify(check), `${name} about ${shown}`).toBe(own);
  }
  return own;
}

function validityOf(point: Bytes): boolean {
  const own = libsodium.isValidPoint(point);
  judgedPoints.push({ point, own });
  for (const [name, { isValidPoint }] of Object.entries(OTHERS)) {
    expect(isValidPoint(point), `${name} about ${toHex(point)}`).toBe(own);
  }
  return own;
}

function littleEndian(value: bigint): Bytes {
  return Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));
}

function numberOf(bytes: Bytes): bigint {
  return bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

/** A signature by `secret` with the nonce `nonce`, under encodings of key and commitment that the caller chooses. */
function signed(publicKey: Bytes, r: Bytes, secret: bigint, nonce: bigint): SignatureCheck {
  const k = numberOf(sha512(concatBytes(r, publicKey, message))) % ORDER;
  const s = littleEndian((nonce + k * secret) % ORDER);
  return { publicKey, message, signature: concatBytes(r, s) };
}

/** Encodings of points of small order: canonical, with the sign of zero, and with y above the prime. */
const smallEncodings = [0n, 1n, PRIME - 1n, PRIME, PRIME + 1n]
  .flatMap((y) => [littleEndian(y), littleEndian(y | (1n << 255n))])
  .concat(torsion.map((point) => point.toBytes()));

describe(`L3: libsodium, OpenSSL and noble judge alike (seed ${SEED})`, () => {
  it("signatures of keys and commitments with any part of small order, most of which only a cofactor would excuse", () => {
    const part = fc.integer({ min: 0, max: 7 });
    const scalar = fc.bigInt({ min: 1n, max: ORDER - 1n });
    const taken = { yes: 0, no: 0 };
    fc.assert(
      fc.property(part, part, scalar, scalar, (inKey, inR, secret, nonce) => {
        const add = (n: bigint, i: number) =>
          Point.BASE.multiply(n)
            .add(torsion[i] ?? Point.ZERO)
            .toBytes();
        const verdict = verdictOf(signed(add(secret, inKey), add(nonce, inR), secret, nonce));
        taken[verdict ? "yes" : "no"] += 1;
        if (inKey === 0 && inR === 0) expect(verdict).toBe(true);
        if (inKey === 0 && inR !== 0) expect(verdict).toBe(false);
      }),
      { seed: SEED, numRuns: RUNS },
    );
    expect(Math.min(taken.yes, taken.no)).toBeGreaterThan(0);
  });

  it("keys and commitments of small order in every encoding: refused, although the equation holds", () => {
    for (const small of smallEncodings) {
      for (const nonce of [0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n]) {
        const r = nonce === 0n ? Point.ZERO : Point.BASE.multiply(nonce);
        expect(verdictOf(signed(small, r.toBytes(), 0n, nonce))).toBe(false);
      }
      expect(verdictOf(signed(plainKey, small, 1_234_567_890_123_456_789n, 0n))).toBe(false);
      expect(validityOf(small)).toBe(false);
    }
  });

  it("keys whose y is at or above the prime, and so have a second encoding", () => {
    for (let above = 0n; above < 19n; above++) {
      for (const sign of [0n, 1n << 255n]) {
        const key = littleEndian((PRIME + above) | sign);
        expect(validityOf(key)).toBe(false);
        expect(verdictOf(signed(key, Point.BASE.toBytes(), 1n, 1n))).toBe(false);
        expect(verdictOf(signed(plainKey, key, 1n, 1n))).toBe(false);
      }
    }
  });

  it("an S at, below and above the group order", () => {
    const good = signed(plainKey, Point.BASE.toBytes(), 1_234_567_890_123_456_789n, 1n);
    expect(verdictOf(good)).toBe(true);
    expect(verdictOf({ ...good, signature: raiseS(good.signature) })).toBe(false);
    for (const s of [0n, ORDER - 1n, ORDER, ORDER + 1n, 2n ** 255n, 2n ** 256n - 1n]) {
      const signature = concatBytes(good.signature.subarray(0, 32), littleEndian(s));
      expect(verdictOf({ ...good, signature })).toBe(false);
    }
  });

  it("the crafted signatures of the receipts' tests, and inputs of wrong lengths", () => {
    const { publicKey, sign } = libsodium.signingKeyOf(new Uint8Array(32).fill(7));
    const good = { publicKey, message, signature: sign(message) };
    expect(verdictOf(good)).toBe(true);
    expect(verdictOf({ publicKey: mixedKey, message, signature: signMixed(message) })).toBe(true);
    expect(verdictOf({ ...good, publicKey: plainKey, signature: signWithSmallR(message) })).toBe(
      false,
    );
    for (const length of [0, 31, 33]) {
      expect(verdictOf({ ...good, publicKey: new Uint8Array(length) })).toBe(false);
      expect(validityOf(new Uint8Array(length))).toBe(false);
    }
    for (const length of [0, 63, 65]) {
      expect(verdictOf({ ...good, signature: new Uint8Array(length) })).toBe(false);
    }
  });

  it("arbitrary points, and honest signatures with one bit changed", () => {
    const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
    fc.assert(
      fc.property(bytes(32), bytes(32), fc.integer({ min: 0, max: 767 }), (seed, point, bit) => {
        validityOf(point);
        const { publicKey, sign } = libsodium.signingKeyOf(seed);
        expect(validityOf(publicKey)).toBe(true);
        const both = concatBytes(publicKey, sign(message));
        both[bit >> 3] = (both[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        const [key, signature] = [both.slice(0, 32), both.slice(32)];
        expect(verdictOf({ publicKey: key, message, signature })).toBe(false);
      }),
      { seed: SEED, numRuns: RUNS },
    );
  });

  it.runIf(HAS_GO)("Go judges each of these signatures and points in the same way", async () => {
    expect(Math.min(judgedSignatures.length, judgedPoints.length)).toBeGreaterThan(50);
    const go = new GoJudge();
    const [signatures, points] = [
      await go.judge.signatures(judgedSignatures.map(({ check }) => check)),
      await go.judge.keys(judgedPoints.map(({ point }) => point)),
    ];
    go.close();
    expect(signatures).toEqual(judgedSignatures.map(({ own }) => `${own}`));
    expect(points).toEqual(judgedPoints.map(({ own }) => `${own}`));
  });

  it("sign alike, with the same public key, and hash alike", () => {
    for (let i = 0; i < 20; i++) {
      const seed = portable.entropy(32);
      const own = libsodium.signingKeyOf(seed);
      for (const { signingKeyOf, sha256 } of Object.values(OTHERS)) {
        const other = signingKeyOf(seed);
        expect(toHex(other.publicKey)).toBe(toHex(own.publicKey));
        expect(toHex(other.sign(message))).toBe(toHex(own.sign(message)));
        expect(toHex(sha256(seed))).toBe(toHex(libsodium.sha256(seed)));
      }
    }
  });
});

describe(`every receipt is judged alike by each of them (seed ${SEED})`, () => {
  const trusts = Object.entries(OTHERS).map(([name, { sha256, verify, isValidPoint }]) => {
    return [name, trustGenesis(genesis, { hash: sha256, verify, isValidPoint })] as const;
  });

  it.each(trusts)("%s: the vectors, field by field", (_, trust) => {
    for (const { name, operation, text } of [...ACCEPTED, ...REFUSED]) {
      expect(judge(operation, text, trust), name).toEqual(judge(operation, text));
    }
  });

  it.each(trusts)("%s: mutants of the good ones", (_, trust) => {
    const texts = ACCEPTED.map(({ text }) => new TextDecoder().decode(text));
    for (const [place, { operation }] of ACCEPTED.entries()) {
      const mutants = [...structuralMutants(texts[place] ?? "", texts.toSpliced(place, 1))];
      const step = Math.max(1, Math.floor(mutants.length / MUTANTS));
      for (let i = SEED % step; i < mutants.length; i += step) {
        const text = utf8(mutants[i] ?? "");
        expect(judge(operation, text, trust), mutants[i]).toEqual(judge(operation, text));
      }
    }
  });
});
