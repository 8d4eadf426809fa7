/** Counts votes by view, reports each quorum once and every conflict between votes of one signer (R2, R21, R22). */
import { toHex } from "../primitives/bytes.ts";
import type { ValidatorIndex, View } from "../primitives/numbers.ts";
import {
  type Certificate,
  sameSubject,
  type Vote,
  type VoteKind,
  type VoteSubject,
} from "../primitives/vote.ts";
import { conflict, type Evidence, type EvidenceKind } from "./evidence.ts";

/** What one more vote changed. */
export interface Counted {
  /** Completed by this vote. */
  readonly certificate: Certificate | undefined;
  readonly evidence: readonly Evidence[];
}

/** First vote of each validator and kind; a second one of the same kind is at most evidence. */
interface ViewTally {
  readonly votes: Readonly<Record<VoteKind, Map<ValidatorIndex, Vote>>>;
  readonly counts: Map<string, number>;
  /** `signer/kind` of evidence already given. */
  readonly proven: Set<string>;
}

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

  /** True if exactly this vote is counted already. */
  holds(vote: Vote): boolean {
    const held = this.#views.get(vote.view)?.votes[vote.kind].get(vote.signer);
    return held !== undefined && sameSubject(held, vote);
  }

  /**
   * False once the votes counted in `view` leave no block a way to a quorum: who said nullify without notarize before
   * says none any more (R12), and every other validator says one at most.
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

  /** How many views votes are kept of. */
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
  const key = `${signer}/${kind}`;
  if (proven.has(key)) return false;
  proven.add(key);
  return true;
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
