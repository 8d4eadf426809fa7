/** Says nullify in every view as soon as it begins and votes for no block, so that beside f such members one more nullify loses the view (R13). */
import type { Outgoing } from "../../../src/consensus/interface.ts";
import { view } from "../../../src/primitives/numbers.ts";
import { viewOf } from "./newest-view.ts";
import { giveUp, type Role, type SpeakerContext } from "./role.ts";

export function naysayer(context: SpeakerContext): Role {
  const { after } = context;
  let newest = 0;
  return {
    name: "naysayer",
    hear(message) {
      const seen = viewOf(message);
      if (seen === undefined || seen <= newest) return;
      newest = seen;
      // A certificate names the view before.
      for (const at of [seen, seen + 1]) after(0, giveUp(context, view(at)));
    },
    twist(outgoing: Outgoing) {
      // Its certificates would hold its votes.
      const { kind } = outgoing.message;
      return ["vote", "proposal", "certificates"].includes(kind) ? [] : [outgoing];
    },
  };
}
