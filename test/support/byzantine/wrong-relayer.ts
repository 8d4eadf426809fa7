/**
 * Relays proposals to leaders that did not ask (R32): old ones, genuine headers with other operations, and its own second
 * blocks, early and late; and hides its proposal from the next leader, so that a relay is wanted.
 */
import type { Outgoing } from "../../../src/consensus/interface.ts";
import type { Proposal } from "../../../src/consensus/message.ts";
import { NewestView } from "./newest-view.ts";
import { isOwnLead, peersOf, type Role, type SpeakerContext, toEach } from "./role.ts";

const KEPT_MAX = 16;

export function wrongRelayer(context: SpeakerContext): Role {
  const { config, random, after } = context;
  const { length } = config.validators;
  const newest = new NewestView();
  const kept: Proposal[] = [];
  return {
    name: "wrongRelayer",
    hear(message) {
      if (message.kind === "proposal") kept.unshift(message.proposal);
      kept.splice(KEPT_MAX);
      if (!newest.hears(message)) return;
      // To the leader of the view that has just begun, and to the next one.
      for (const leader of [newest.value % length, (newest.value + 1) % length]) {
        after(random.below(config.timeoutBaseMs), relays(leader));
      }
    },
    twist(outgoing: Outgoing) {
      newest.hears(outgoing.message);
      if (!isOwnLead(config, outgoing.message)) return [outgoing];
      const next = (config.self + 1) % length;
      return toEach(
        peersOf(context).filter((peer) => peer !== next),
        outgoing.message,
      );
    },
  };

  function relays(leader: number): Outgoing[] {
    const to = peersOf(context).filter((peer) => peer === leader);
    return random
      .sample(kept, Math.min(3, kept.length))
      .flatMap((proposal) => toEach(to, { kind: "proposal", proposal: wrong(proposal) }));
  }

  /** The header's hash, which its leader signed, stays; only a node that looks at the leaf hashes sees the lie. */
  function wrong(proposal: Proposal): Proposal {
    const { leafHashes } = proposal;
    const other = config.hash(proposal.hash);
    return {
      ...proposal,
      leafHashes: random.pick([
        leafHashes,
        [],
        [...leafHashes, other],
        leafHashes.map(() => other),
        [...leafHashes].reverse(),
      ]),
    };
  }
}
