/** Casts valid votes in views near, far and very far ahead (R21), beside those that it should cast. */

import type { Outgoing } from "../../../src/consensus/interface.ts";
import type { Message } from "../../../src/consensus/message.ts";
import { height, type View, view } from "../../../src/primitives/numbers.ts";
import { forge, type Role, type SpeakerContext } from "./role.ts";

const AHEAD: readonly number[] = [1, 2, 4, 16, 64, 1_000, 1_000_000, 2 ** 40];

export function farVoter(context: SpeakerContext): Role {
  return {
    name: "farVoter",
    twist(outgoing: Outgoing) {
      const { message } = outgoing;
      if (message.kind !== "vote" && message.kind !== "nullify") return [outgoing];
      const far = Array.from({ length: 4 }, () => farVote(context, message.vote.view));
      return [outgoing, ...far.map((one): Outgoing => ({ to: "all", message: one }))];
    },
  };
}

function farVote(context: SpeakerContext, from: View): Message {
  const { config, random } = context;
  const { epoch } = config;
  const at = view(from + random.pick(AHEAD));
  const kind = random.pick(["notarize", "nullify", "finalize"] as const);
  if (kind === "nullify") {
    const vote = forge(context, { kind, epoch, view: at } as const);
    return { kind, vote, finalHeight: height(0) };
  }
  const blockHash = config.hash(Uint8Array.of(random.below(256)));
  const subject = { kind, epoch, view: at, height: height(at), blockHash } as const;
  return { kind: "vote", vote: forge(context, subject) };
}
