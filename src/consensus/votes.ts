/**
 * The votes held: a tally by view (R2, R21), this node's own votes (R12, R13, R15), and evidence, which is two conflicting
 * votes of one signer (R22).
 */
import { assert } from "../primitives/assert.ts";
import { type Bytes, toHex } from "../primitives/bytes.ts";
import { decodeStrict, Encoder, EncodingError } from "../primitives/encoding.ts";
import { type ValidatorIndex, type View, view } from "../primitives/numbers.ts";
import { TAGS } from "../primitives/tags.ts";
import {
  type Certificate,
  readVote,
  sameSubject,
  type Vote,
  type VoteKind,
  type VoteSubject,
  writeVote,
} from "../primitives/vote.ts";
import type { BlockVote, NullifyVote } from "./message.ts";

/** The effects of counting one more vote. */
export interface Counted {
  /** Completed by this vote. */
  readonly certificate: Certificate | undefined;
  readonly evidence: readonly Evidence[];
}

/** The first vote of each validator and kind; a second one of the same kind can only be evidence. */
interface ViewTally {
  readonly votes: Readonly<Record<VoteKind, Map<ValidatorIndex, Vote>>>;
  readonly counts: Map<string, number>;
  /** `signer/kind` of evidence already given. */
  readonly proven: Set<string>;
}

/** Counts the votes of each view, and reports each quorum and each conflict once. */
export class Tally {
  readonly #quorum: number;
  readonly #views = new Map<View, ViewTally>();

  constructor(quorum: number) {
    this.#quorum = quorum;
  }

  add(vote: Vote): Counted {
    const tally = this.#viewTally(vote.view);
    const evidence = this.#findConflicts(tally, vote);
    const votes = tally.votes[vote.kind];
    if (votes.has(vote.signer)) return { certificate: undefined, evidence };
    votes.set(vote.signer, vote);
    const key = subjectKey(vote);
    const count = (tally.counts.get(key) ?? 0) + 1;
    tally.counts.set(key, count);
    const certificate = count === this.#quorum ? assemble(votes, vote) : undefined;
    return { certificate, evidence };
  }

  /** Compares the votes inside a certificate with those counted; counts nothing. */
  compare(certificate: Certificate): readonly Evidence[] {
    const tally = this.#views.get(certificate.subject.view);
    if (tally === undefined) return [];
    return certificate.signatures.flatMap((item) =>
      this.#findConflicts(tally, { ...certificate.subject, ...item }),
    );
  }

  /** True if exactly this vote is counted already, or if its signer's conflict with another one is proven already. */
  knows(vote: Vote): boolean {
    const tally = this.#views.get(vote.view);
    const held = tally?.votes[vote.kind].get(vote.signer);
    if (tally === undefined || held === undefined) return false;
    const evidence = conflict(held, vote);
    return evidence === undefined || tally.proven.has(proofName(vote.signer, evidence.kind));
  }

  /**
   * False once no block of `view` can reach a quorum by the votes counted: a validator that said nullify without
   * notarize will not say notarize (R12), and every other validator says it once at most.
   */
  canBeNotarized(view: View, validators: number): boolean {
    const tally = this.#views.get(view);
    if (tally === undefined) return true;
    const { notarize, nullify } = tally.votes;
    let open = validators - notarize.size;
    for (const signer of nullify.keys()) if (!notarize.has(signer)) open -= 1;
    let most = 0;
    for (const [subject, count] of tally.counts) {
      if (subject.startsWith("notarize")) most = Math.max(most, count);
    }
    return most + open >= this.#quorum;
  }

  nullifyCount(view: View): number {
    return this.#views.get(view)?.votes.nullify.size ?? 0;
  }

  /** The number of views of which votes are kept. */
  get size(): number {
    return this.#views.size;
  }

  forgetThrough(view: View): void {
    for (const known of this.#views.keys()) if (known <= view) this.#views.delete(known);
  }

  #viewTally(view: View): ViewTally {
    const known = this.#views.get(view);
    if (known !== undefined) return known;
    const votes = { notarize: new Map(), nullify: new Map(), finalize: new Map() };
    const fresh: ViewTally = { votes, counts: new Map(), proven: new Set() };
    this.#views.set(view, fresh);
    return fresh;
  }

  #findConflicts(tally: ViewTally, vote: Vote): readonly Evidence[] {
    const found: Evidence[] = [];
    for (const votes of Object.values(tally.votes)) {
      const held = votes.get(vote.signer);
      const evidence = held === undefined ? undefined : conflict(held, vote);
      if (evidence === undefined) continue;
      if (rememberProof(tally.proven, vote.signer, evidence.kind)) found.push(evidence);
    }
    return found;
  }
}

function rememberProof(proven: Set<string>, signer: ValidatorIndex, kind: EvidenceKind): boolean {
  const name = proofName(signer, kind);
  if (proven.has(name)) return false;
  proven.add(name);
  return true;
}

function proofName(signer: ValidatorIndex, kind: EvidenceKind): string {
  return `${signer}/${kind}`;
}

function assemble(votes: ReadonlyMap<ValidatorIndex, Vote>, subject: VoteSubject): Certificate {
  const signatures = [...votes.values()]
    .filter((vote) => sameSubject(vote, subject))
    .map(({ signer, signature }) => ({ signer, signature }))
    .sort((left, right) => left.signer - right.signer);
  return { subject: plainSubject(subject), signatures };
}

/** The subject without the signer and signature that a vote carries besides. */
function plainSubject(subject: VoteSubject): VoteSubject {
  const { epoch, view } = subject;
  if (subject.kind === "nullify") return { kind: "nullify", epoch, view };
  return { kind: subject.kind, epoch, view, height: subject.height, blockHash: subject.blockHash };
}

function subjectKey(subject: VoteSubject): string {
  if (subject.kind === "nullify") return "nullify";
  return `${subject.kind}/${subject.height}/${toHex(subject.blockHash)}`;
}

/** This node's votes in one view. */
interface Said {
  notarize?: BlockVote;
  nullify?: NullifyVote;
  finalize?: BlockVote;
}

const NOTHING: Said = {};

/** The votes this node cast above the final view; it must never contradict one of them. */
export class OwnVotes {
  readonly #views = new Map<View, Said>();
  /** No vote may be cast in this view and below any more. */
  #closed = view(0);

  /** Keeps a vote that is about to be said, or was said before a restart. */
  add(vote: BlockVote | NullifyVote): void {
    assert(this.allows(vote.kind, vote.view), "an honest node contradicts no vote of its own");
    const said = this.#views.get(vote.view) ?? {};
    if (vote.kind === "nullify") said.nullify = vote;
    else said[vote.kind] = vote;
    this.#views.set(vote.view, said);
  }

  in(at: View): Readonly<Said> {
    return this.#views.get(at) ?? NOTHING;
  }

  /** True if no vote may be cast in this view any more; the votes cast there may be forgotten. */
  isClosed(at: View): boolean {
    return at <= this.#closed;
  }

  /**
   * True if the rules still allow this vote: each kind once a view, no notarize after nullify, and of nullify and
   * finalize only one.
   */
  allows(kind: VoteKind, at: View): boolean {
    if (this.isClosed(at)) return false;
    const said = this.in(at);
    if (said[kind] !== undefined) return false;
    return kind === "nullify" ? said.finalize === undefined : said.nullify === undefined;
  }

  /** The newest finalize votes above `above`, descending. */
  newestFinalizes(above: View, limit: number): BlockVote[] {
    const found: BlockVote[] = [];
    for (const [at, said] of this.#views) {
      if (at > above && said.finalize !== undefined) found.push(said.finalize);
    }
    return found.sort((left, right) => right.view - left.view).slice(0, limit);
  }

  /** The number of views of which votes are kept. */
  get size(): number {
    return this.#views.size;
  }

  /** Forgets the votes of these views; no vote is cast there again. */
  close(through: View): void {
    if (through <= this.#closed) return;
    this.#closed = through;
    for (const known of this.#views.keys()) if (known <= through) this.#views.delete(known);
  }
}

export type EvidenceKind = "conflictingNotarize" | "conflictingFinalize" | "nullifyFinalize";

/** Both votes have the same signer, epoch and view. */
export interface Evidence {
  readonly kind: EvidenceKind;
  readonly first: Vote;
  readonly second: Vote;
}

/** The fault that two votes prove of their signer; undefined if an honest validator may cast both. */
export function conflict(first: Vote, second: Vote): Evidence | undefined {
  const samePlace =
    first.signer === second.signer && first.epoch === second.epoch && first.view === second.view;
  if (!samePlace) return undefined;
  if (first.kind === second.kind) {
    if (first.kind === "nullify" || sameSubject(first, second)) return undefined;
    const kind = first.kind === "notarize" ? "conflictingNotarize" : "conflictingFinalize";
    return { kind, first, second };
  }
  const kinds = [first.kind, second.kind];
  const both = kinds.includes("nullify") && kinds.includes("finalize");
  return both ? { kind: "nullifyFinalize", first, second } : undefined;
}

export function encodeEvidence(evidence: Evidence): Bytes {
  const encoder = new Encoder().tag(TAGS.voteEvidence);
  writeVote(encoder, evidence.first);
  writeVote(encoder, evidence.second);
  return encoder.finish();
}

/** Reads two votes that conflict; the caller checks their signatures. */
export function decodeEvidence(bytes: Bytes): Evidence | EncodingError {
  return decodeStrict(bytes, (decoder) => {
    decoder.tag(TAGS.voteEvidence);
    const evidence = conflict(readVote(decoder), readVote(decoder));
    if (evidence === undefined) throw new EncodingError("malformed", "two votes without conflict");
    return evidence;
  });
}
