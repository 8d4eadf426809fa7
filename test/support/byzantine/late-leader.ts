/** Votes in time, but proposes just before the other nodes nullify its turn, and sometimes to a few of them only (R5). */
import type { Outgoing } from "../../../src/consensus/interface.ts";
import { isOwnLead, peersOf, type Role, type SpeakerContext, toEach } from "./role.ts";

/** Its delay as a share of the shortest view timeout: from hardly late to too late. */
const WAITS: readonly number[] = [0.1, 0.4, 0.7, 0.85, 0.95, 1.05];

export function lateLeader(context: SpeakerContext): Role {
  const { config, random, after } = context;
  const peers = peersOf(context);
  return {
    name: "lateLeader",
    twist(outgoing: Outgoing) {
      if (!isOwnLead(config, outgoing.message)) return [outgoing];
      const few = random.chance(0.3) ? random.between(1, peers.length) : peers.length;
      const late = toEach(random.sample(peers, few), outgoing.message);
      after(Math.floor(random.pick(WAITS) * config.timeoutBaseMs), late);
      return [];
    },
  };
}
