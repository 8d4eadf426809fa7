/**
 * Nullifies the turns of honest leaders as soon as they begin, towards some nodes only. Colluders choose the same
 * turns and the same victims, and none of them votes for the block (R12, R13).
 */

import type { Outgoing } from "../../../src/consensus/interface.ts";
import { type View, view } from "../../../src/primitives/numbers.ts";
import { viewOf } from "./newest-view.ts";
import { giveUp, peersOf, type Role, type SpeakerContext } from "./role.ts";

export function partialNullifier(context: SpeakerContext): Role {
  const { config, after } = context;
  const peers = peersOf(context);
  let newest = 0;
  return {
    name: "partialNullifier",
    hear(message) {
      const seen = viewOf(message);
      if (seen === undefined || seen <= newest) return;
      newest = seen;
      // The current turn, and the next one.
      for (const at of [seen, seen + 1]) if (isAttacked(view(at))) after(0, giveUpHere(view(at)));
    },
    twist(outgoing: Outgoing) {
      const { message } = outgoing;
      const isSupport = message.kind === "vote" && message.vote.kind !== "finalize";
      return isSupport && isAttacked(message.vote.view)
        ? giveUpHere(message.vote.view)
        : [outgoing];
    },
  };

  /** The choice, which is the same for all colluders. */
  function isAttacked(at: View): boolean {
    return at % config.validators.length !== config.self && chosen(at, 0) % 4 !== 0;
  }

  function chosen(at: View, salt: number): number {
    return config.hash(Uint8Array.of(at & 255, (at >> 8) & 255, salt))[0] ?? 0;
  }

  function giveUpHere(at: View): Outgoing[] {
    return giveUp(
      context,
      at,
      peers.filter((peer) => chosen(at, peer + 1) % 2 === 0),
    );
  }
}
