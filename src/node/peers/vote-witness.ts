/**
 * Remembers the vote of the highest view of every peer, so that a peer which lost its journal learns of it (R29). It
 * is saved a moment later. That is enough: a vote that decided anything is also in certificates, which are durable.
 */
import type { Message } from "../../consensus/message.ts";
import { EncodingError } from "../../primitives/encoding.ts";
import type { ValidatorIndex } from "../../primitives/numbers.ts";
import {
  type Certificate,
  decodeVote,
  encodeVote,
  VOTE_KINDS,
  type Vote,
  votesOf,
} from "../../primitives/vote.ts";
import type { WitnessedVotes } from "../../storage/contracts.ts";
import type { System } from "../base/system.ts";

export interface VoteWitnessParts {
  readonly records: WitnessedVotes;
  readonly system: System;
  readonly fail: (error: unknown) => void;
}

/** All votes of this time are saved in one write. */
const SAVE_AFTER_MS = 1_000;

export class VoteWitness {
  readonly #parts: VoteWitnessParts;
  readonly #votes = new Map<ValidatorIndex, Vote>();
  readonly #unsaved = new Set<ValidatorIndex>();
  #cancelSave: (() => void) | undefined;

  private constructor(parts: VoteWitnessParts) {
    this.#parts = parts;
  }

  static async open(parts: VoteWitnessParts): Promise<VoteWitness> {
    const witness = new VoteWitness(parts);
    for (const [validator, bytes] of await parts.records.load()) {
      const vote = decodeVote(bytes);
      if (!(vote instanceof EncodingError)) witness.#votes.set(validator, vote);
    }
    return witness;
  }

  of(validator: ValidatorIndex): Vote | undefined {
    return this.#votes.get(validator);
  }

  /** Every vote in an authentic message, alone or in a certificate. */
  sawMessage(message: Message): void {
    switch (message.kind) {
      case "proposal":
        this.#saw(message.proposal.vote);
        break;
      case "vote":
      case "nullify":
        this.#saw(message.vote);
        break;
      case "certificates":
      case "status":
        for (const certificate of message.certificates) this.sawCertificate(certificate);
        break;
      case "question":
        break;
    }
  }

  sawCertificate(certificate: Certificate): void {
    for (const vote of votesOf(certificate)) this.#saw(vote);
  }

  /** Settles when all votes seen so far are durable. */
  async save(): Promise<void> {
    this.#cancelSave?.();
    this.#cancelSave = undefined;
    const votes = [...this.#unsaved].flatMap((validator) => {
      const vote = this.#votes.get(validator);
      return vote === undefined ? [] : [[validator, encodeVote(vote)] as const];
    });
    this.#unsaved.clear();
    await this.#parts.records.save(new Map(votes));
  }

  #saw(vote: Vote): void {
    const held = this.#votes.get(vote.signer);
    if (held !== undefined && !isNewer(vote, held)) return;
    this.#votes.set(vote.signer, vote);
    this.#unsaved.add(vote.signer);
    this.#cancelSave ??= this.#parts.system.after(SAVE_AFTER_MS, () => {
      this.save().catch(this.#parts.fail);
    });
  }
}

/** True for a vote of a higher view, and, in the same view, for a later kind of vote. */
function isNewer(vote: Vote, held: Vote): boolean {
  if (vote.view !== held.view) return vote.view > held.view;
  return VOTE_KINDS.indexOf(vote.kind) > VOTE_KINDS.indexOf(held.kind);
}
