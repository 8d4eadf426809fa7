/** Shows its proposals to few nodes and its votes to fewer, and keeps certificates to itself. */
import type { Outgoing } from "../../../src/consensus/interface.ts";
import { peersOf, type Role, type SpeakerContext, toEach } from "./role.ts";

export function withholder(context: SpeakerContext): Role {
  const peers = peersOf(context);
  return {
    name: "withholder",
    twist(outgoing: Outgoing) {
      const { message } = outgoing;
      const few = message.kind === "proposal" ? context.random.between(1, peers.length - 1) : 1;
      if (message.kind === "certificates" && context.random.chance(0.8)) return [];
      return toEach(context.random.sample(peers, few), message);
    },
  };
}
