/** Shows its proposals to all nodes but the next leader, which then lacks its parent when its own turn begins (R32). */
import type { Outgoing } from "../../../src/consensus/interface.ts";
import { isOwnLead, peersOf, type Role, type SpeakerContext, toEach } from "./role.ts";

export function starver(context: SpeakerContext): Role {
  const { config } = context;
  const next = (config.self + 1) % config.validators.length;
  const others = peersOf(context).filter((peer) => peer !== next);
  return {
    name: "starver",
    twist(outgoing: Outgoing) {
      return isOwnLead(config, outgoing.message) ? toEach(others, outgoing.message) : [outgoing];
    },
  };
}
