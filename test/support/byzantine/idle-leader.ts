/** Votes like any other node and never proposes: its turns are lost, and no message of it shows a fault (R5). */
import type { Outgoing } from "../../../src/consensus/interface.ts";
import { isOwnLead, type Role, type SpeakerContext } from "./role.ts";

export function idleLeader({ config }: SpeakerContext): Role {
  return {
    name: "idleLeader",
    twist: (outgoing: Outgoing) => (isOwnLead(config, outgoing.message) ? [] : [outgoing]),
  };
}
