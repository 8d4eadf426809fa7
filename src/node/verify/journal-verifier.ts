/** Verifies the journal of a store: its records are authentic, and contradict neither one another nor the chain. */

import { decodeJournalEntry, type JournalEntry } from "../../consensus/journal.ts";
import { conflict } from "../../consensus/votes.ts";
import type { LedgerContext } from "../../ledger/context.ts";
import { blockHash } from "../../primitives/block.ts";
import { equalBytes } from "../../primitives/bytes.ts";
import { EncodingError } from "../../primitives/encoding.ts";
import type { Height, ValidatorIndex, View } from "../../primitives/numbers.ts";
import type { SignatureCheck } from "../../primitives/signature.ts";
import {
  type Certificate,
  certificateChecks,
  decodeVote,
  type Vote,
  voteCheck,
} from "../../primitives/vote.ts";
import type { Store } from "../../storage/contracts.ts";
import type { SignatureChecker } from "../base/signature-checker.ts";
import { FoundFault, UNREADABLE } from "./found-fault.ts";

export interface JournalVerifierParts {
  readonly context: LedgerContext;
  readonly store: Store;
  readonly checker: SignatureChecker;
  /** The member whose store it is. */
  readonly self: ValidatorIndex;
  /** The height of the verified chain. */
  readonly tip: Height;
}

export class JournalVerifier {
  readonly #parts: JournalVerifierParts;
  /** The node's own votes. */
  readonly #votes = new Map<View, Vote[]>();
  signatures = 0;

  constructor(parts: JournalVerifierParts) {
    this.#parts = parts;
  }

  /** Returns the number of records. Throws FoundFault. */
  async run(): Promise<number> {
    const { context, store, tip } = this.#parts;
    if (tip > 0 && (await store.journalIdentity.load()) === undefined) {
      throw new FoundFault("the journal", "has no identity, although there are blocks");
    }
    const records = await store.journal.load();
    for (const { sequence, bytes } of records) {
      const where = `journal record ${sequence}`;
      const entry = decodeJournalEntry(context.hash, bytes);
      if (entry instanceof EncodingError) throw new FoundFault(where, UNREADABLE);
      await this.#checkEntry(where, entry);
    }
    for (const [validator, bytes] of await store.witnessedVotes.load()) {
      const where = `the newest vote of validator ${validator}`;
      const vote = decodeVote(bytes);
      if (vote instanceof EncodingError) throw new FoundFault(where, UNREADABLE);
      if (vote.signer !== validator) throw new FoundFault(where, "is another validator's");
      await this.#checkVote(where, vote);
    }
    return records.length;
  }

  async #checkEntry(where: string, entry: JournalEntry): Promise<void> {
    if (entry.kind === "certificate") {
      const { context, tip } = this.#parts;
      const members = context.membersAt(tip);
      const checks = certificateChecks(context.networkId, members, entry.certificate);
      await this.#check(where, checks, "is a certificate that no quorum signed");
      await this.#checkFinal(where, entry.certificate);
    } else if (entry.kind === "vote") {
      const { vote } = entry;
      if (vote.signer !== this.#parts.self) {
        throw new FoundFault(where, "is a vote of another node");
      }
      await this.#checkVote(where, vote);
      const earlier = this.#votes.get(vote.view) ?? [];
      if (earlier.some((one) => conflict(one, vote) !== undefined)) {
        throw new FoundFault(where, `contradicts another vote of this node in view ${vote.view}`);
      }
      this.#votes.set(vote.view, [...earlier, vote]);
    }
  }

  /** A block that became final must be the one in the chain. */
  async #checkFinal(where: string, { subject }: Certificate): Promise<void> {
    const { context, store, tip } = this.#parts;
    if (subject.kind !== "finalize" || subject.height > tip) return;
    const header = await store.blocks.loadHeader(subject.height);
    const isHeld =
      header !== undefined && equalBytes(blockHash(context.hash, header), subject.blockHash);
    if (!isHeld) {
      throw new FoundFault(where, `finalizes another block than the chain's of ${subject.height}`);
    }
  }

  async #checkVote(where: string, vote: Vote): Promise<void> {
    const { context, tip } = this.#parts;
    const check = voteCheck(context.networkId, context.membersAt(tip), vote);
    await this.#check(where, check && [check], "is a vote that its signer did not sign");
  }

  async #check(
    where: string,
    checks: readonly SignatureCheck[] | undefined,
    problem: string,
  ): Promise<void> {
    if (checks === undefined || !(await this.#parts.checker.check(checks))) {
      throw new FoundFault(where, problem);
    }
    this.signatures += checks.length;
  }
}
