/** The signer gives its share of a seal: one request in, one answer out (S4). */
import type { Bytes } from "../primitives/bytes.ts";
import { height, type ValidatorIndex } from "../primitives/numbers.ts";
import { bindJob, shareOf } from "./frost-signing.ts";
import {
  fingerprintOf,
  type MemberCommitment,
  type NonceCommitment,
  type SealAnswer,
  type SealRefusal,
  type SealRequest,
  type SessionId,
  type SignRequest,
} from "./messages.ts";
import { destroy, NonceStore } from "./nonces.ts";
import type { KeyShare } from "./seal-key.ts";
import type { SigningGroup } from "./signing-group.ts";
import type { Entropy, SealSuite } from "./suite.ts";
import { coverOf, messageOf, type SealLookups, type SealTarget } from "./target.ts";

export interface SignerParts {
  readonly suite: SealSuite;
  readonly group: SigningGroup;
  readonly share: KeyShare;
  readonly entropy: Entropy;
  readonly lookups: SealLookups;
}

/** The newest session of one coordinator. Its answer is kept, for a repetition of the same request. */
interface AnsweredSession {
  readonly id: SessionId;
  readonly fingerprint: string;
  readonly answer: SealAnswer | undefined;
}

/** Lives as long as the process. Its nonces and sessions must never be stored. */
export class SealSigner {
  readonly #parts: SignerParts;
  readonly #nonces: NonceStore;
  readonly #sessions = new Map<ValidatorIndex, AnsweredSession>();

  constructor(parts: SignerParts) {
    this.#parts = parts;
    this.#nonces = new NonceStore(parts);
  }

  /** `coordinator` is the validator that the link has authenticated; `now` is in milliseconds. */
  answer(coordinator: ValidatorIndex, request: SealRequest, now: number): SealAnswer {
    const { epoch } = this.#parts.share.key.context;
    if (request.kind === "commitment") {
      if (request.epoch !== epoch) return { kind: "refused", reason: "wrongEpoch" };
      const next = this.#nonces.offer(coordinator, now, request.spent);
      return { kind: "commitment", next };
    }
    return this.#answerSign(coordinator, request, now);
  }

  #answerSign(coordinator: ValidatorIndex, request: SignRequest, now: number): SealAnswer {
    const { key } = this.#parts.share;
    const { session, target } = request;
    const newest = this.#sessions.get(coordinator);
    const fingerprint = fingerprintOf(request);
    if (newest?.answer !== undefined && newest.fingerprint === fingerprint) return newest.answer;
    if (target.epoch !== key.context.epoch) return refuse(session, "wrongEpoch");
    const known = this.#knownSeal(request);
    if (known !== undefined) return known;
    const message = messageOf(key, target, this.#parts.lookups);
    if (message === undefined) return refuse(session, "notFinal");
    if (target.kind === "header" && !this.#isTested()) return refuse(session, "untested");
    if (newest !== undefined && isOlder(session, newest.id)) return refuse(session, "superseded");
    const own = this.#ownEntry(request.commitments);
    if (own === undefined) return refuse(session, "wrongCommitments");
    // This session is now the coordinator's newest; its previous one has ended.
    this.#sessions.set(coordinator, { id: session, fingerprint, answer: undefined });
    const share = this.#sign(coordinator, { request, own, message }, now);
    const next = this.#nonces.offer(coordinator, now);
    if (share === undefined) return { kind: "staleNonce", session, next };
    const answer: SealAnswer = { kind: "share", session, share, next };
    this.#sessions.set(coordinator, { id: session, fingerprint, answer });
    return answer;
  }

  /** Takes the pair out of the store before it signs; undefined if this coordinator has no such unused pair. */
  #sign(
    coordinator: ValidatorIndex,
    job: { request: SignRequest; own: NonceCommitment; message: Bytes },
    now: number,
  ): Bytes | undefined {
    const nonces = this.#nonces.take(coordinator, job.own, now);
    if (nonces === undefined) return undefined;
    const { group, share } = this.#parts;
    const { member, signingShare } = share;
    const { message, request } = job;
    const { groupKey } = share.key;
    try {
      const bound = bindJob(group, { groupKey, message, commitments: request.commitments });
      return shareOf(bound, { member, signingShare, nonces });
    } finally {
      destroy(nonces);
    }
  }

  /** This signer's commitment, if the list has exactly t distinct members, ascending, with valid points. */
  #ownEntry(list: readonly MemberCommitment[]): NonceCommitment | undefined {
    const { context } = this.#parts.share.key;
    const { isValidPoint } = this.#parts.suite;
    if (list.length !== context.threshold) return undefined;
    let previous = -1;
    for (const { member, commitment } of list) {
      if (member <= previous || !context.members.includes(member)) return undefined;
      if (!isValidPoint(commitment.hiding) || !isValidPoint(commitment.binding)) return undefined;
      previous = member;
    }
    return list.find(({ member }) => member === this.#parts.share.member)?.commitment;
  }

  /** True once the test message is sealed (S8). */
  #isTested(): boolean {
    const { epoch } = this.#parts.share.key.context;
    return this.#parts.lookups.seal({ kind: "test", epoch }) !== undefined;
  }

  /** A seal held for the target, or for a header from it up to the next multiple of 64 (S4). */
  #knownSeal({ session, target }: SignRequest): SealAnswer | undefined {
    const { lookups } = this.#parts;
    for (const candidate of candidatesFor(target)) {
      const seal = lookups.seal(candidate);
      if (seal !== undefined) return { kind: "seal", session, target: candidate, seal };
    }
    return undefined;
  }
}

function candidatesFor(target: SealTarget): SealTarget[] {
  if (target.kind === "test") return [target];
  const candidates: SealTarget[] = [];
  const last = coverOf(target.height);
  // A coordinator may name any height, even one so high that the next multiple of 64 is not a safe integer.
  if (!Number.isSafeInteger(last)) return candidates;
  for (let h: number = target.height; h <= last; h++) {
    candidates.push({ ...target, height: height(h) });
  }
  return candidates;
}

/** Runs have no order, so a session of another run counts as newer. At worst its pair is already used. */
function isOlder(session: SessionId, newest: SessionId): boolean {
  return session.run === newest.run && session.number <= newest.number;
}

function refuse(session: SessionId, reason: SealRefusal): SealAnswer {
  return { kind: "refused", session, reason };
}
