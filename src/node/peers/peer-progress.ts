/** The progress of each peer by its own messages: its claims, shown to operators and readers; nothing depends on them. */
import type { Message } from "../../consensus/message.ts";
import type { ValidatorIndex } from "../../primitives/numbers.ts";
import type { Vote } from "../../primitives/vote.ts";

/** The highest ones so far; 0 if none. */
export interface HeardProgress {
  /** Final, as it has reported. */
  readonly finalHeight: number;
  /** Of a block that it has voted for, and so holds. */
  readonly votedHeight: number;
  /** That it was in. */
  readonly view: number;
}

const NONE: HeardProgress = { finalHeight: 0, votedHeight: 0, view: 0 };

export class PeerProgress {
  readonly #all = new Map<ValidatorIndex, HeardProgress>();

  of(peer: ValidatorIndex): HeardProgress {
    return this.#all.get(peer) ?? NONE;
  }

  noteFinal(peer: ValidatorIndex, finalHeight: number): void {
    this.#raise(peer, { finalHeight });
  }

  /** `message` came over the link of this peer, which is authentic; its signatures may not have been checked. */
  heard(peer: ValidatorIndex, message: Message): void {
    switch (message.kind) {
      case "status":
        this.#raise(peer, { view: message.view, finalHeight: message.finalHeight });
        break;
      case "nullify":
        this.#voted(peer, message.vote, { finalHeight: message.finalHeight });
        break;
      case "vote":
        this.#voted(peer, message.vote, { votedHeight: message.vote.height });
        break;
      case "proposal": {
        const { vote } = message.proposal;
        this.#voted(peer, vote, { votedHeight: vote.height });
        break;
      }
      default:
        break;
    }
  }

  /** A peer may pass on the votes of others. */
  #voted(peer: ValidatorIndex, { signer, view }: Vote, told: Partial<HeardProgress>): void {
    if (signer === peer) this.#raise(peer, { ...told, view });
  }

  #raise(peer: ValidatorIndex, told: Partial<HeardProgress>): void {
    const held = this.of(peer);
    const highest = (name: keyof HeardProgress) => Math.max(held[name], told[name] ?? 0);
    this.#all.set(peer, {
      finalHeight: highest("finalHeight"),
      votedHeight: highest("votedHeight"),
      view: highest("view"),
    });
  }
}
