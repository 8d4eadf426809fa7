/** Asks for certificates of all kinds of ranges and for blocks that there are and are not, beside what it has to say (R19). */
import type { Outgoing } from "../../../src/consensus/interface.ts";
import { type View, view } from "../../../src/primitives/numbers.ts";
import { NewestView } from "./newest-view.ts";
import { peersOf, type Role, type SpeakerContext, toEach } from "./role.ts";

/** With each message of its own. */
const AT_ONCE = 3;
const WIDTHS: readonly number[] = [0, 1, 8, 1_000, 2 ** 40];

export function questioner(context: SpeakerContext): Role {
  const { config, random } = context;
  const peers = peersOf(context);
  const newest = new NewestView();
  let block = config.hash(Uint8Array.of(0));
  return {
    name: "questioner",
    hear(message) {
      newest.hears(message);
      if (message.kind === "proposal") block = message.proposal.hash;
    },
    twist(outgoing: Outgoing) {
      newest.hears(outgoing.message);
      return [outgoing, ...Array.from({ length: AT_ONCE }, ask).flat()];
    },
  };

  function ask(): Outgoing[] {
    const from = view(random.between(1, newest.value));
    const to: View = view(from + random.pick(WIDTHS));
    const about = random.chance(0.3) ? undefined : random.pick([block, config.hash(block)]);
    const some = random.sample(peers, random.between(1, peers.length));
    return toEach(some, { kind: "question", epoch: config.epoch, from, to, block: about });
  }
}
