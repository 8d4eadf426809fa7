/** All kinds of Byzantine members, for worlds that choose some of them. */
import { certificateReplayer } from "../../simulation/byzantine/certificate-replayer.ts";
import { doubleVoter } from "../../simulation/byzantine/double-voter.ts";
import { equivocator } from "../../simulation/byzantine/equivocator.ts";
import { farVoter } from "../../simulation/byzantine/far-voter.ts";
import { hoarder } from "../../simulation/byzantine/hoarder.ts";
import { idleLeader } from "../../simulation/byzantine/idle-leader.ts";
import { lateLeader } from "../../simulation/byzantine/late-leader.ts";
import { liar } from "../../simulation/byzantine/liar.ts";
import { partialNullifier } from "../../simulation/byzantine/partial-nullifier.ts";
import type { Role, SpeakerContext } from "../../simulation/byzantine/role.ts";
import { starver } from "../../simulation/byzantine/starver.ts";
import { withholder } from "../../simulation/byzantine/withholder.ts";
import { creationFlooder, greedyAsker, questionFlooder, spoiler } from "./floods.ts";
import { bodyWithholder, lyingGiver, sealSpoiler } from "./givers.ts";
import type { Hostile } from "./hostility.ts";
import { twistedSpeech } from "./twisted-speech.ts";

const speech =
  (role: (context: SpeakerContext) => Role): Hostile =>
  (context) =>
    twistedSpeech(context, role);

const HOSTILITIES = {
  equivocator: speech(equivocator),
  doubleVoter: speech(doubleVoter),
  withholder: speech(withholder),
  liar: speech(liar),
  hoarder: speech(hoarder),
  idleLeader: speech(idleLeader),
  lateLeader: speech(lateLeader),
  certificateReplayer: speech(certificateReplayer),
  farVoter: speech(farVoter),
  partialNullifier: speech(partialNullifier),
  starver: speech(starver),
  creationFlooder,
  greedyAsker,
  questionFlooder,
  spoiler,
  bodyWithholder,
  lyingGiver,
  sealSpoiler,
} as const satisfies Record<string, Hostile>;

export type HostilityName = keyof typeof HOSTILITIES;

export const HOSTILITY_NAMES = Object.keys(HOSTILITIES) as readonly HostilityName[];

export function hostilityOf(name: HostilityName): Hostile {
  return HOSTILITIES[name];
}
