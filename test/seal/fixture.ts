/** A ceremony as the ledger sees it, in memory, and ready-made keys for the tests of sealing. */
import { createHash, createPublicKey, verify as opensslVerify } from "node:crypto";
import type {
  CeremonyContext,
  CiphertextsRecord,
  ComplaintRecord,
  Round1Record,
} from "../../src/ledger/ceremony-judge.ts";
import { isValidPoint, sha256, verify } from "../../src/node/base/crypto.ts";
import type { Bytes } from "../../src/primitives/bytes.ts";
import { DIGEST_LENGTH } from "../../src/primitives/hash.ts";
import { epoch, type ValidatorIndex, validatorIndex } from "../../src/primitives/numbers.ts";
import { quorumOf } from "../../src/primitives/validators.ts";
import { openAttempt } from "../../src/seal/attempt.ts";
import { type MemberStep, nextStep } from "../../src/seal/ceremony.ts";
import {
  type CeremonySecret,
  decodeCeremonySecret,
  encodeCeremonySecret,
} from "../../src/seal/ceremony-secret.ts";
import { createCeremonyJudge } from "../../src/seal/judge.ts";
import { decodeKeyShare, encodeKeyShare, type KeyShare } from "../../src/seal/seal-key.ts";
import { createSuite, type Entropy } from "../../src/seal/suite.ts";

export { verify };
export const suite = createSuite({ isValidPoint, hash: sha256 });
export const judge = createCeremonyJudge(suite);

/** Entropy that a failing test can repeat. */
export function seededEntropy(seed: string): Entropy {
  let counter = 0;
  return (length) => {
    const out = new Uint8Array(length);
    for (let at = 0; at < length; at += 64) {
      const block = createHash("sha512").update(`${seed}/${counter++}`).digest();
      out.set(block.subarray(0, Math.min(64, length - at)), at);
    }
    return out;
  };
}

export function index(n: number): ValidatorIndex {
  return validatorIndex(n);
}

/** n validators of which `members` (default: all) take part. */
export function contextOf(
  n: number,
  change: Partial<CeremonyContext> & { readonly of?: readonly number[] } = {},
): CeremonyContext {
  const { of: members = Array.from({ length: n }, (_, i) => i), ...rest } = change;
  return {
    networkId: new Uint8Array(DIGEST_LENGTH).fill(7),
    epoch: epoch(1),
    attempt: 1,
    members: members.map(index),
    threshold: quorumOf(n),
    ...rest,
  };
}

/** A member's disk, which holds encoded blobs only. */
export interface Disk {
  secret?: Bytes;
  keyShare?: Bytes;
}

/** One attempt as the ledger orders it. */
export class Board {
  readonly context: CeremonyContext;
  readonly round1: Round1Record[] = [];
  readonly ciphertexts: CiphertextsRecord[] = [];
  readonly confirmed: { member: ValidatorIndex; step: MemberStep & { kind: "confirm" } }[] = [];
  readonly complaints: ComplaintRecord[] = [];

  constructor(context: CeremonyContext) {
    this.context = context;
  }

  /** The step that `self` owes, derived from its disk alone. */
  due(self: ValidatorIndex, disk: Disk, entropy: Entropy): MemberStep {
    return nextStep(
      {
        attempt: openAttempt(suite, this.context),
        self,
        round1: this.round1,
        ciphertexts: this.ciphertexts,
        confirmed: this.confirmed.map(({ member }) => member),
        secret: disk.secret === undefined ? undefined : readSecret(disk.secret),
        keyShare: disk.keyShare === undefined ? undefined : readKeyShare(disk.keyShare),
      },
      entropy,
    );
  }

  /** Orders a step, as the ledger would. */
  order(member: ValidatorIndex, step: MemberStep): void {
    switch (step.kind) {
      case "round1": {
        const record = { member, package: step.package, ephemeralKey: step.ephemeralKey };
        if (!judge.acceptsRound1(this.context, record)) throw new Error("round 1 declined");
        insert(this.round1, record);
        return;
      }
      case "shares":
        insert(this.ciphertexts, { member, ciphertexts: step.ciphertexts });
        return;
      case "confirm":
        this.confirmed.push({ member, step });
        return;
      case "complaint":
        this.complaints.push({
          complainer: member,
          accused: step.accused,
          ephemeralSecret: step.ephemeralSecret,
        });
        return;
      default:
        throw new Error(`${step.kind} cannot be ordered`);
    }
  }

  blame(): ValidatorIndex {
    const [complaint] = this.complaints;
    if (complaint === undefined) throw new Error("no member complained");
    return judge.blame(this.context, this.round1, this.ciphertexts, complaint);
  }
}

export function store(disk: Disk, step: MemberStep): void {
  if (step.kind === "confirm" && step.store !== undefined) {
    disk.keyShare = encodeKeyShare(step.store);
  } else if ((step.kind === "round1" || step.kind === "shares") && step.store !== undefined) {
    disk.secret = encodeCeremonySecret(step.store);
  }
}

export function readSecret(bytes: Bytes): CeremonySecret {
  const secret = decodeCeremonySecret(bytes);
  if (secret instanceof Error) throw secret;
  return secret;
}

export function readKeyShare(bytes: Bytes): KeyShare {
  const share = decodeKeyShare(bytes);
  if (share instanceof Error) throw share;
  return share;
}

/** Runs an attempt without a liar to its end; gives the share of each member. */
export function runCeremony(context: CeremonyContext, seed = "ceremony"): KeyShare[] {
  const board = new Board(context);
  const disks = new Map(context.members.map((member) => [member, {} as Disk]));
  for (const _round of ["round1", "shares", "confirm"]) {
    for (const [member, disk] of disks) {
      const step = board.due(member, disk, seededEntropy(`${seed}/${member}/${_round}`));
      store(disk, step);
      board.order(member, step);
    }
  }
  return [...disks.values()].map((disk) => readKeyShare(disk.keyShare ?? new Uint8Array()));
}

export function refuseEntropy(): Bytes {
  throw new Error("nothing may be drawn here");
}

export function begin(context: CeremonyContext): { board: Board; disks: Disk[] } {
  return { board: new Board(context), disks: context.members.map(() => ({})) };
}

/** Each of `members` performs the given steps in turn. */
export function everyone(
  board: Board,
  disks: readonly Disk[],
  kinds: readonly MemberStep["kind"][],
  members: readonly number[] = board.context.members,
): void {
  for (const kind of kinds) {
    for (const member of members) {
      const disk = disks[member] ?? {};
      const step = board.due(index(member), disk, seededEntropy(`${kind}/${member}`));
      if (step.kind !== kind) throw new Error(`${step.kind} is due, not ${kind}`);
      store(disk, step);
      board.order(index(member), step);
    }
  }
}

/** Bytes with one of them changed. */
export function flip(bytes: Bytes, at: number, mask = 1): Bytes {
  return bytes.map((byte, i) => (i === at ? byte ^ mask : byte));
}

/** OpenSSL's verdict, by way of node:crypto. */
export function opensslAccepts(key: Bytes, message: Bytes, signature: Bytes): boolean {
  const der = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), key]);
  const publicKey = createPublicKey({ key: der, format: "der", type: "spki" });
  return opensslVerify(null, message, publicKey, signature);
}

function insert<T extends { member: ValidatorIndex }>(records: T[], record: T): void {
  records.push(record);
  records.sort((left, right) => left.member - right.member);
}
