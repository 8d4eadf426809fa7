/** Gives up the present view and those around it, again and again, beside what it has to say (R12, R17, R21). */
import type { Outgoing } from "../../../src/consensus/interface.ts";
import { height, view } from "../../../src/primitives/numbers.ts";
import { NewestView } from "./newest-view.ts";
import { forge, peersOf, type Role, type SpeakerContext, toEach } from "./role.ts";

/** Views behind the newest, and those ahead. */
const [BEHIND, AHEAD] = [6, 6];
/** With each message of its own. */
const AT_ONCE = 3;

export function nullifyFlooder(context: SpeakerContext): Role {
  const { config, random } = context;
  const peers = peersOf(context);
  const newest = new NewestView();
  return {
    name: "nullifyFlooder",
    hear: (message) => void newest.hears(message),
    twist(outgoing: Outgoing) {
      newest.hears(outgoing.message);
      return [outgoing, ...Array.from({ length: AT_ONCE }, giveUp).flat()];
    },
  };

  function giveUp(): Outgoing[] {
    const at = view(Math.max(1, newest.value + random.between(-BEHIND, AHEAD)));
    const vote = forge(context, { kind: "nullify", epoch: config.epoch, view: at } as const);
    const some = random.sample(peers, random.between(1, peers.length));
    return toEach(some, { kind: "nullify", vote, finalHeight: height(0) });
  }
}
