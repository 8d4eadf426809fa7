/** What this node said in each view above the final one, and therefore must never contradict (R12, R13, R15). */
import { assert } from "../primitives/assert.ts";
import { type View, view } from "../primitives/numbers.ts";
import type { VoteKind } from "../primitives/vote.ts";
import type { BlockVote, NullifyVote } from "./message.ts";

/** What was said in one view. */
interface Said {
  notarize?: BlockVote;
  nullify?: NullifyVote;
  finalize?: BlockVote;
}

const NOTHING: Said = {};

export class OwnVotes {
  readonly #views = new Map<View, Said>();
  /** In this view and below nothing may be said any more. */
  #closed = view(0);

  /** Keeps a vote that is about to be said, or was said before a restart. */
  add(vote: BlockVote | NullifyVote): void {
    assert(this.may(vote.kind, vote.view), "an honest node contradicts no vote of its own");
    const said = this.#views.get(vote.view) ?? {};
    if (vote.kind === "nullify") said.nullify = vote;
    else said[vote.kind] = vote;
    this.#views.set(vote.view, said);
  }

  in(at: View): Readonly<Said> {
    return this.#views.get(at) ?? NOTHING;
  }

  /** True if nothing may be said in this view any more; what was said there may be forgotten. */
  isClosed(at: View): boolean {
    return at <= this.#closed;
  }

  /**
   * True if the rules still allow this vote: each kind once a view, no notarize after nullify, and of nullify and
   * finalize only one.
   */
  may(kind: VoteKind, at: View): boolean {
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

  /** How many views something is kept of. */
  get size(): number {
    return this.#views.size;
  }

  /** Forgets these views, and never speaks in them again. */
  close(through: View): void {
    if (through <= this.#closed) return;
    this.#closed = through;
    for (const known of this.#views.keys()) if (known <= through) this.#views.delete(known);
  }
}
