import { describe, expect, it } from "vitest";
import type { CeremonyContext } from "../../src/ledger/ceremony-judge.ts";
import { type Bytes, toHex } from "../../src/primitives/bytes.ts";
import { encodeKeyCertificateBody } from "../../src/primitives/key-certificate.ts";
import { openAttempt } from "../../src/seal/attempt.ts";
import type { MemberStep } from "../../src/seal/ceremony.ts";
import { Scalars } from "../../src/seal/group.ts";
import { decodeRound1Package, encodeRound1Package } from "../../src/seal/round1-package.ts";
import { encodeKeyShare } from "../../src/seal/seal-key.ts";
import { ephemeralKeyOf } from "../../src/seal/share-cipher.ts";
import { identifierOf } from "../../src/seal/suite.ts";
import {
  Board,
  begin,
  contextOf,
  type Disk,
  everyone,
  index,
  judge,
  readKeyShare,
  readSecret,
  refuseEntropy,
  runCeremony,
  seededEntropy,
  store,
  suite,
} from "./fixture.ts";

const sizes: readonly (readonly [string, CeremonyContext])[] = [
  ["4 of 4", contextOf(4)],
  ["7 of 7", contextOf(7)],
  ["members 0, 1 and 3 of 4", contextOf(4, { of: [0, 1, 3] })],
  ["2 of 2", contextOf(2)],
];

describe.each(sizes)("a ceremony of %s", (_name, context) => {
  const shares = runCeremony(context);

  it("gives all members one group key, and each a share that the others can check", () => {
    for (const { key, member, signingShare } of shares) {
      expect(key).toEqual(shares[0]?.key);
      const expected = key.verifyingShares.find((item) => item.member === member)?.share;
      const own = suite.Point.BASE.multiply(Scalars.fromBytes(signingShare)).toBytes();
      expect(toHex(own)).toBe(toHex(expected ?? new Uint8Array()));
    }
  });

  it("K6: shares a secret that any t members hold together", () => {
    const { threshold, members } = context;
    for (const chosen of [shares.slice(0, threshold), shares.slice(-threshold)]) {
      const secret = suite.frost.combineSecret(
        chosen.map(({ member, signingShare }) => ({
          identifier: identifierOf(suite, member),
          signingShare: Uint8Array.from(signingShare),
        })),
        { min: threshold, max: members.length },
      );
      const key = suite.Point.BASE.multiply(Scalars.fromBytes(secret)).toBytes();
      expect(toHex(key)).toBe(toHex(shares[0]?.key.groupKey ?? new Uint8Array()));
    }
  });

  it("keeps a key share as bytes and reads it back", () => {
    for (const share of shares) expect(readKeyShare(encodeKeyShare(share))).toEqual(share);
  });
});

describe("our arithmetic", () => {
  it("comes to what noble's round 2 and 3 come to, from the same polynomials", () => {
    const context = contextOf(4);
    const { board, disks } = begin(context);
    everyone(board, disks, ["round1", "shares"]);
    const secrets = context.members.map((member) => readSecret(disks[member]?.secret ?? none));
    const { frost } = openAttempt(suite, context);
    const nobles = secrets.map((secret) => ({
      identifier: BigInt(secret.member + 1),
      coefficients: secret.coefficients.map((bytes) => Scalars.fromBytes(bytes)),
      commitment: commitmentsOf(secret.package),
      signers: { min: 3, max: 4 },
      step: 1 as const,
    }));
    const packages = secrets.map((secret) => ({
      identifier: identifierOf(suite, secret.member),
      commitment: commitmentsOf(secret.package),
      proofOfKnowledge: proofOf(secret.package),
    }));
    const others = (self: number) => packages.filter((_, i) => i !== self);
    const dealt = nobles.map((secret, self) => frost.DKG.round2(secret, others(self)));
    for (const self of [0, 1, 2, 3]) {
      const id = identifierOf(suite, index(self));
      const received = dealt.filter((_, i) => i !== self).map((all) => all[id]);
      const secret = nobles[self];
      if (secret === undefined) throw new Error("one for each");
      const key = frost.DKG.round3(
        secret,
        others(self),
        received.flatMap((one) => one ?? []),
      );
      const ours = concluded(board, disks, self);
      expect(toHex(ours.signingShare)).toBe(toHex(key.secret.signingShare));
      expect(toHex(ours.key.groupKey)).toBe(toHex(key.public.commitments[0] ?? none));
      for (const { member, share } of ours.key.verifyingShares) {
        const theirs = key.public.verifyingShares[identifierOf(suite, member)];
        expect(toHex(share)).toBe(toHex(theirs ?? none));
      }
    }
  });
});

describe("a ceremony with a member missing", () => {
  it("waits at the step that is incomplete, and succeeds without that member in the next attempt", () => {
    const { board, disks } = begin(contextOf(4));
    everyone(board, disks, ["round1"], [0, 1, 3]);
    for (const member of [0, 1, 3]) {
      expect(board.due(index(member), disks[member] ?? {}, refuseEntropy).kind).toBe("wait");
    }
    const shares = runCeremony(contextOf(4, { of: [0, 1, 3], attempt: 2 }));
    expect(shares.map(({ member }) => member)).toEqual([0, 1, 3]);
  });

  it("waits for the shares of all before anyone confirms or complains", () => {
    const { board, disks } = begin(contextOf(4));
    everyone(board, disks, ["round1"]);
    everyone(board, disks, ["shares"], [0, 1, 2]);
    expect(board.due(index(0), disks[0] ?? {}, refuseEntropy).kind).toBe("wait");
  });

  it("asks nothing of a validator that is no member", () => {
    const board = new Board(contextOf(4, { of: [0, 1, 3] }));
    expect(board.due(index(2), {}, refuseEntropy).kind).toBe("wait");
  });
});

describe("an unusable key", () => {
  it("is confirmed by no member: constant terms that cancel out make the group key the identity", () => {
    const context = contextOf(4);
    const { board, disks } = begin(context);
    const terms = [5n, 7n, 11n, Scalars.neg(23n)];
    for (const member of context.members) {
      const step = chosenRound1(context, member, terms[member] ?? 0n);
      store(disks[member] ?? {}, step);
      board.order(member, step);
    }
    everyone(board, disks, ["shares"]);
    const outcome = judge.outcome(context, board.round1, board.ciphertexts);
    expect(suite.isValidPoint(outcome.groupKey)).toBe(false);
    for (const member of context.members) {
      const step = board.due(member, disks[member] ?? {}, refuseEntropy);
      expect(step).toEqual({ kind: "stuck", reason: "keyUnusable" });
    }
  });
});

describe("the certificate bytes", () => {
  it("are those of the key certificate with the outcome of the ceremony", () => {
    const { board, disks } = begin(contextOf(4));
    everyone(board, disks, ["round1", "shares"]);
    const step = board.due(index(2), disks[2] ?? {}, refuseEntropy);
    if (step.kind !== "confirm") throw new Error("a confirm is due");
    const { groupKey, transcriptHash } = judge.outcome(
      board.context,
      board.round1,
      board.ciphertexts,
    );
    const { networkId, epoch, threshold } = board.context;
    const body = { networkId, epoch, groupKey, threshold, transcriptHash };
    expect(toHex(step.certificateBytes)).toBe(toHex(encodeKeyCertificateBody(body)));
  });
});

const none = new Uint8Array();

function concluded(board: Board, disks: readonly Disk[], member: number) {
  const step = board.due(index(member), disks[member] ?? {}, refuseEntropy);
  if (step.kind !== "confirm" || step.store === undefined) throw new Error("a confirm is due");
  return step.store;
}

/** A round 1 whose constant term was chosen by hand. */
function chosenRound1(context: CeremonyContext, member: number, term: bigint): MemberStep {
  const entropy = seededEntropy(`chosen/${member}`);
  const drawn = openAttempt(suite, context).frost.DKG.round1(
    identifierOf(suite, index(member)),
    { min: context.threshold, max: context.members.length },
    Uint8Array.from(Scalars.toBytes(term)),
    (length) => Uint8Array.from(entropy(length ?? 32)),
  );
  const ephemeralSecret = entropy(32);
  const secret = {
    context,
    member: index(member),
    coefficients: (drawn.secret.coefficients ?? []).map((scalar) => Scalars.toBytes(scalar)),
    ephemeralSecret,
    package: encodeRound1Package({
      commitments: drawn.public.commitment,
      proof: drawn.public.proofOfKnowledge,
    }),
    ephemeralKey: ephemeralKeyOf(ephemeralSecret),
  };
  return {
    kind: "round1",
    package: secret.package,
    ephemeralKey: secret.ephemeralKey,
    store: secret,
  };
}

function commitmentsOf(bytes: Bytes) {
  const decoded = decodeRound1Package(bytes);
  if (decoded instanceof Error) throw decoded;
  return decoded.commitments.map((point) => Uint8Array.from(point));
}

function proofOf(bytes: Bytes) {
  const decoded = decodeRound1Package(bytes);
  if (decoded instanceof Error) throw decoded;
  return Uint8Array.from(decoded.proof);
}
