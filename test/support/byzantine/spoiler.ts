/**
 * Says nullify in the turns of the leader before it, supports no finality, and shows its own proposals to one member alone, so that this
 * member does not count it as failing, and has room to skip the leader before it (R5).
 */
import type { Outgoing } from "../../../src/consensus/interface.ts";
import { validatorIndex, view } from "../../../src/primitives/numbers.ts";
import { viewOf } from "./newest-view.ts";
import { giveUp, type Role, type SpeakerContext } from "./role.ts";

export function spoiler(context: SpeakerContext): Role {
  const { config, after } = context;
  const n = config.validators.length;
  const isSpoilt = (at: number) => (at + 1) % n === config.self;
  const shownTo = validatorIndex((config.self + n - 2) % n);
  let newest = 0;
  return {
    name: "spoiler",
    hear(message) {
      const seen = viewOf(message);
      if (seen === undefined || seen <= newest) return;
      newest = seen;
      for (const at of [seen, seen + 1]) if (isSpoilt(at)) after(0, giveUp(context, view(at)));
    },
    twist(outgoing: Outgoing) {
      const { message } = outgoing;
      if (message.kind === "certificates") return [];
      if (message.kind === "proposal") return [{ to: shownTo, message }];
      if (message.kind !== "vote") return [outgoing];
      const { kind, view: at } = message.vote;
      return kind === "notarize" && !isSpoilt(at) ? [outgoing] : [];
    },
  };
}
