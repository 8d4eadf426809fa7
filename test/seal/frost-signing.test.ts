// Signing over libsodium's arithmetic: the vectors of RFC 9591, and noble as the oracle.
import { readFileSync } from "node:fs";
import { ed25519 } from "@noble/curves/ed25519.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { signingGroup, verify } from "../../src/node/base/crypto.ts";
import { type Bytes, fromHex, toHex } from "../../src/primitives/bytes.ts";
import { bindJob, commitNonces, shareOf, signatureOf } from "../../src/seal/frost-signing.ts";
import { Scalars } from "../../src/seal/group.ts";
import { identifierOf } from "../../src/seal/suite.ts";
import { index, seededEntropy, suite } from "./fixture.ts";

const vector = JSON.parse(
  readFileSync(new URL("../vectors/rfc9591-ed25519-sha512.json", import.meta.url), "utf8"),
);
const scalar = () => fc.bigInt({ min: 1n, max: Scalars.ORDER - 1n });
const bytesOf = (value: bigint): Bytes => Scalars.toBytes(value);

describe("RFC 9591 Appendix E.1 over native arithmetic", () => {
  interface VectorSigner {
    readonly identifier: number;
    readonly [field: string]: string | number;
  }
  const signers: readonly VectorSigner[] = vector.signers;
  const of = (signer: VectorSigner, field: string) => bytes(signer[field]);
  const commitments = signers.map((signer) => ({
    member: index(signer.identifier - 1),
    commitment: {
      hiding: of(signer, "hidingCommitment"),
      binding: of(signer, "bindingCommitment"),
    },
  }));
  const [groupKey, message] = [bytes(vector.groupPublicKey), bytes(vector.message)];
  const bound = bindJob(signingGroup, { groupKey, message, commitments });
  const signingShareOf = ({ identifier }: VectorSigner) => bytes(vector.shares[`${identifier}`]);

  it("derives the nonces and commitments from the given randomness", () => {
    for (const signer of signers) {
      const randomness = [of(signer, "hidingRandomness"), of(signer, "bindingRandomness")];
      const entropy = (length: number) => {
        const next = randomness.shift();
        if (next?.length !== length) throw new Error("other randomness than the vector has");
        return next;
      };
      const { nonces, commitment } = commitNonces(signingGroup, signingShareOf(signer), entropy);
      expect(toHex(nonces.hiding)).toBe(signer["hidingNonce"]);
      expect(toHex(nonces.binding)).toBe(signer["bindingNonce"]);
      expect(toHex(commitment.hiding)).toBe(signer["hidingCommitment"]);
      expect(toHex(commitment.binding)).toBe(signer["bindingCommitment"]);
    }
  });

  it("makes the shares and the signature", () => {
    const shares = signers.map((signer) => {
      const nonces = { hiding: of(signer, "hidingNonce"), binding: of(signer, "bindingNonce") };
      const member = index(signer.identifier - 1);
      const share = shareOf(bound, { member, signingShare: signingShareOf(signer), nonces });
      expect(toHex(share)).toBe(signer["signatureShare"]);
      return share;
    });
    expect(toHex(signatureOf(bound, shares))).toBe(vector.signature);
  });
});

describe("signing as noble does", () => {
  it.each([
    [2, 3],
    [3, 4],
    [5, 7],
    [11, 16],
  ])("gives the same nonces, shares and signature for %i of %i", (min, max) => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.uint8Array({ maxLength: 400 }),
        fc.nat(max - min),
        (seed, message, first) => {
          const members = Array.from({ length: max }, (_, i) => index(i));
          const identifiers = members.map((member) => identifierOf(suite, member));
          const deal = suite.frost.trustedDealer({ min, max }, identifiers, undefined, (length) =>
            Uint8Array.from(seededEntropy(`${seed}/deal`)(length ?? 32)),
          );
          const chosen = members.slice(first, first + min);
          const pairs = chosen.map((member) => {
            const secret = secretOf(deal, identifierOf(suite, member));
            const entropy = () => seededEntropy(`${seed}/${member}`);
            const ours = commitNonces(signingGroup, secret.signingShare, entropy());
            const theirEntropy = entropy();
            const theirs = suite.frost.commit(secret, (length) =>
              Uint8Array.from(theirEntropy(length ?? 32)),
            );
            expect(ours.nonces).toEqual(theirs.nonces);
            expect(ours.commitment.hiding).toEqual(theirs.commitments.hiding);
            expect(ours.commitment.binding).toEqual(theirs.commitments.binding);
            return { member, secret, nonces: ours.nonces, commitment: ours.commitment, theirs };
          });
          const list = pairs.map(({ theirs }) => theirs.commitments);
          const groupKey = deal.public.commitments[0] ?? new Uint8Array();
          const bound = bindJob(signingGroup, { groupKey, message, commitments: pairs });
          const shares = pairs.map(({ member, secret, nonces, theirs }) => {
            const share = shareOf(bound, { member, signingShare: secret.signingShare, nonces });
            const text = Uint8Array.from(message);
            expect(share).toEqual(
              suite.frost.signShare(secret, deal.public, theirs.nonces, list, text),
            );
            return share;
          });
          const signature = signatureOf(bound, shares);
          expect(verify({ publicKey: groupKey, message, signature })).toBe(true);
          const byIdentifier = Object.fromEntries(
            pairs.map(({ secret }, i) => [secret.identifier, Uint8Array.from(shares[i] ?? [])]),
          );
          const theirs = suite.frost.aggregate(
            deal.public,
            list,
            Uint8Array.from(message),
            byIdentifier,
          );
          expect(signature).toEqual(theirs);
        },
      ),
      { numRuns: 4 },
    );
  });

  it("refuses nonces that have been overwritten, and a signer outside the list", () => {
    const signingShare = bytesOf(7n);
    const made = commitNonces(signingGroup, signingShare, seededEntropy("once"));
    const groupKey = signingGroup.multiplyBase(bytesOf(5n));
    const commitments = [{ member: index(0), commitment: made.commitment }];
    const bound = bindJob(signingGroup, { groupKey, message: new Uint8Array(9), commitments });
    const signer = { member: index(0), signingShare, nonces: made.nonces };
    expect(shareOf(bound, signer)).toHaveLength(32);
    expect(() => shareOf(bound, { ...signer, member: index(1) })).toThrow(/in the list/);
    made.nonces.binding.fill(0);
    expect(() => shareOf(bound, signer)).toThrow(/sign once/);
  });
});

describe("libsodium's arithmetic", () => {
  const Edwards = ed25519.Point;

  it("agrees with noble's", () => {
    fc.assert(
      fc.property(
        scalar(),
        scalar(),
        fc.uint8Array({ minLength: 64, maxLength: 64 }),
        (a, b, wide) => {
          const [left, right] = [Edwards.BASE.multiply(a), Edwards.BASE.multiply(b)];
          expect(signingGroup.multiplyBase(bytesOf(a))).toEqual(left.toBytes());
          expect(signingGroup.multiply(bytesOf(b), left.toBytes())).toEqual(
            left.multiply(b).toBytes(),
          );
          const sum = signingGroup.add(left.toBytes(), right.toBytes());
          expect(sum).toEqual(left.add(right).toBytes());
          const value = BigInt(`0x${toHex(wide.toReversed())}`);
          expect(signingGroup.reduce(wide)).toEqual(bytesOf(Scalars.create(value)));
        },
      ),
      { numRuns: 50 },
    );
  });

  it("refuses points outside the prime-order group, and a product that is the identity", () => {
    const eighth = Edwards.fromHex(
      "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    );
    for (let i = 0n; i < 8n; i++) {
      const torsion = eighth.multiplyUnsafe(i);
      expect(() => signingGroup.multiply(bytesOf(3n), torsion.toBytes())).toThrow();
      if (i === 0n) continue;
      const mixed = Edwards.BASE.multiply(99n).add(torsion);
      expect(() => signingGroup.multiply(bytesOf(3n), mixed.toBytes())).toThrow();
    }
    expect(() => signingGroup.multiply(bytesOf(0n), Edwards.BASE.toBytes())).toThrow();
    expect(() => signingGroup.multiplyBase(bytesOf(0n))).toThrow();
    // No point of the curve has the coordinate y = 2.
    expect(() => signingGroup.add(Edwards.BASE.toBytes(), bytesOf(2n))).toThrow();
  });
});

function secretOf(deal: ReturnType<typeof suite.frost.trustedDealer>, identifier: string) {
  const secret = deal.secretShares[identifier];
  if (secret === undefined) throw new Error("no such share");
  return secret;
}

function bytes(text: unknown): Bytes {
  const parsed = fromHex(String(text));
  if (parsed === undefined) throw new Error("not hexadecimal");
  return parsed;
}
