/** The highest view that a role has heard of in a message of its peers, or said itself. */
import type { Message } from "../../../src/consensus/message.ts";

export class NewestView {
  #newest = 1;

  get value(): number {
    return this.#newest;
  }

  /** True if the message is of a view above all before. */
  hears(message: Message): boolean {
    const at = viewOf(message) ?? 0;
    // What far voters claim is no view that anyone is in.
    if (at <= this.#newest || at > this.#newest + NEAR) return false;
    this.#newest = at;
    return true;
  }
}

const NEAR = 64;

/** The view that a message is about, of those that are about one. */
export function viewOf(message: Message): number | undefined {
  switch (message.kind) {
    case "proposal":
      return message.proposal.vote.view;
    case "vote":
    case "nullify":
      return message.vote.view;
    default:
      return undefined;
  }
}
