/** Repeats genuine certificates, votes and proposals of others, of any age, beside its own messages (R17, R21). */

import type { Outgoing } from "../../../src/consensus/interface.ts";
import type { Message } from "../../../src/consensus/message.ts";
import { peersOf, type Role, type SpeakerContext, toEach } from "./role.ts";

const KEPT_MAX = 500;
/** Number of repeats with each message of its own. */
const REPEATED = 4;

export function certificateReplayer(context: SpeakerContext): Role {
  const { random } = context;
  const peers = peersOf(context);
  const kept: Message[] = [];
  return {
    name: "certificateReplayer",
    hear(message) {
      if (message.kind === "question") return;
      if (kept.length < KEPT_MAX) kept.push(message);
      else kept[random.below(KEPT_MAX)] = message;
    },
    twist: (outgoing: Outgoing) => [outgoing, ...replays()],
  };

  function replays(): Outgoing[] {
    if (kept.length === 0) return [];
    return Array.from({ length: REPEATED }, () => {
      return toEach(random.sample(peers, random.between(1, peers.length)), random.pick(kept));
    }).flat();
  }
}
