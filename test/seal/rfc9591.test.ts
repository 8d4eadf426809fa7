/** RFC 9591, Appendix E.1, on our suite: the same shares, commitments and signature, bit by bit. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Bytes, fromHex, toHex } from "../../src/primitives/bytes.ts";
import { Scalars } from "../../src/seal/group.ts";
import { evaluate, evaluateCommitments } from "../../src/seal/secret-sharing.ts";
import { opensslAccepts, suite, verify } from "./fixture.ts";

interface Vector {
  readonly threshold: number;
  readonly groupSecretKey: string;
  readonly groupPublicKey: string;
  readonly message: string;
  readonly polynomialCoefficient: string;
  readonly shares: Readonly<Record<string, string>>;
  readonly signers: readonly {
    readonly identifier: number;
    readonly hidingRandomness: string;
    readonly bindingRandomness: string;
    readonly hidingNonce: string;
    readonly bindingNonce: string;
    readonly hidingCommitment: string;
    readonly bindingCommitment: string;
    readonly signatureShare: string;
  }[];
  readonly signature: string;
}

const vector: Vector = JSON.parse(
  readFileSync(new URL("../vectors/rfc9591-ed25519-sha512.json", import.meta.url), "utf8"),
);
const { frost, Point } = suite;
const message = bytes(vector.message);
const groupKey = bytes(vector.groupPublicKey);
const coefficients = [vector.groupSecretKey, vector.polynomialCoefficient].map((text) =>
  Scalars.fromBytes(bytes(text)),
);
const shares = Object.entries(vector.shares);
const groupPublic = {
  signers: { min: vector.threshold, max: shares.length },
  commitments: [Uint8Array.from(groupKey)],
  verifyingShares: Object.fromEntries(
    shares.map(([n, share]) => [
      frost.Identifier.fromNumber(Number(n)),
      Uint8Array.from(Point.BASE.multiply(Scalars.fromBytes(bytes(share))).toBytes()),
    ]),
  ),
};
const list = vector.signers.map((signer) => ({
  identifier: frost.Identifier.fromNumber(signer.identifier),
  hiding: bytes(signer.hidingCommitment),
  binding: bytes(signer.bindingCommitment),
}));

describe("RFC 9591 Appendix E.1", () => {
  it("deals the shares of the polynomial, and commitments evaluate to their public form", () => {
    const commitments = coefficients.map((scalar) => Point.BASE.multiply(scalar));
    expect(toHex(evaluateCommitments(commitments, 0n).toBytes())).toBe(vector.groupPublicKey);
    for (const [n, share] of shares) {
      const value = evaluate(coefficients, BigInt(n));
      expect(toHex(Scalars.toBytes(value))).toBe(share);
      const expected = Point.BASE.multiply(value);
      expect(evaluateCommitments(commitments, BigInt(n)).equals(expected)).toBe(true);
    }
  });

  it("derives the nonces and commitments from the given randomness", () => {
    for (const signer of vector.signers) {
      const randomness = [signer.hidingRandomness, signer.bindingRandomness].map(bytes);
      const { nonces, commitments } = frost.commit(secretOf(signer.identifier), () => {
        const next = randomness.shift();
        if (next === undefined) throw new Error("more randomness than the vector has");
        return next;
      });
      expect(toHex(nonces.hiding)).toBe(signer.hidingNonce);
      expect(toHex(nonces.binding)).toBe(signer.bindingNonce);
      expect(toHex(commitments.hiding)).toBe(signer.hidingCommitment);
      expect(toHex(commitments.binding)).toBe(signer.bindingCommitment);
    }
  });

  it("makes the signature shares, which verify", () => {
    for (const signer of vector.signers) {
      const nonces = { hiding: bytes(signer.hidingNonce), binding: bytes(signer.bindingNonce) };
      const secret = secretOf(signer.identifier);
      const share = frost.signShare(secret, groupPublic, nonces, list, message);
      expect(toHex(share)).toBe(signer.signatureShare);
      expect(frost.verifyShare(groupPublic, list, message, secret.identifier, share)).toBe(true);
    }
  });

  it("aggregates to the signature, which plain Ed25519 verifiers accept", () => {
    const shareOf = Object.fromEntries(
      vector.signers.map((signer) => [
        frost.Identifier.fromNumber(signer.identifier),
        bytes(signer.signatureShare),
      ]),
    );
    const signature = frost.aggregate(groupPublic, list, message, shareOf);
    expect(toHex(signature)).toBe(vector.signature);
    expect(opensslAccepts(groupKey, message, signature)).toBe(true);
    expect(verify({ publicKey: groupKey, message, signature })).toBe(true);
  });
});

function secretOf(identifier: number) {
  const share = vector.shares[String(identifier)];
  if (share === undefined) throw new Error("no such share");
  return { identifier: frost.Identifier.fromNumber(identifier), signingShare: bytes(share) };
}

function bytes(text: string): Uint8Array<ArrayBuffer> & Bytes {
  const parsed = fromHex(text);
  if (parsed === undefined) throw new Error("not hexadecimal");
  return Uint8Array.from(parsed);
}
