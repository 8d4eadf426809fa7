/** Votes like any other node and proposes in one of three of its turns, to be forgiven each time (R5). */
import type { Outgoing } from "../../../src/consensus/interface.ts";
import { idleLeader } from "./idle-leader.ts";
import type { Role, SpeakerContext } from "./role.ts";

export function sparingLeader(context: SpeakerContext): Role {
  const idle = idleLeader(context);
  const { length } = context.config.validators;
  const isGood = (view: number) => Math.floor(view / length) % 3 === 2;
  return {
    name: "sparingLeader",
    twist(outgoing: Outgoing) {
      const { message } = outgoing;
      const isKept =
        (message.kind === "proposal" && isGood(message.proposal.vote.view)) ||
        (message.kind === "vote" && isGood(message.vote.view));
      return isKept ? [outgoing] : idle.twist(outgoing);
    },
  };
}
