/** Holds its finalize votes back and sends them all at once, much later: many blocks become final in one moment. */
import type { Outgoing } from "../../../src/consensus/interface.ts";
import type { Role, SpeakerContext } from "./role.ts";

/** Share of its messages that release the held votes. */
const RELEASES = 0.01;

export function hoarder(context: SpeakerContext): Role {
  let hoard: Outgoing[] = [];
  return {
    name: "hoarder",
    twist(outgoing: Outgoing) {
      const { message } = outgoing;
      if (message.kind === "vote" && message.vote.kind === "finalize") {
        hoard.push(outgoing);
        return [];
      }
      if (!context.random.chance(RELEASES)) return [outgoing];
      const released = hoard;
      hoard = [];
      return [outgoing, ...released];
    },
  };
}
