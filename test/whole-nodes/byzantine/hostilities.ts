/** All kinds of Byzantine members, for worlds that pick some: the roles of every world, and those that a whole node can play. */
import { SPEECH_ROLES } from "../../support/byzantine/roles.ts";
import { commitmentFlooder, registrationFlooder } from "./callers.ts";
import { greedyAsker, questionFlooder, spoiler } from "./floods.ts";
import { creationFlooder, transferFlooder } from "./free-orders.ts";
import { bodyWithholder, lyingGiver, sealSpoiler } from "./givers.ts";
import type { Hostile } from "./hostility.ts";
import { twistedSpeech } from "./twisted-speech.ts";

const OWN = {
  creationFlooder,
  transferFlooder,
  registrationFlooder,
  commitmentFlooder,
  greedyAsker,
  questionFlooder,
  spoiler,
  bodyWithholder,
  lyingGiver,
  sealSpoiler,
} as const satisfies Record<string, Hostile>;

type SpeechName = keyof typeof SPEECH_ROLES;
export type HostilityName = SpeechName | keyof typeof OWN;

export const HOSTILITY_NAMES = Object.keys({ ...SPEECH_ROLES, ...OWN }) as readonly HostilityName[];

export function hostilityOf(name: HostilityName): Hostile {
  return isSpeech(name) ? (context) => twistedSpeech(context, SPEECH_ROLES[name]) : OWN[name];
}

function isSpeech(name: HostilityName): name is SpeechName {
  return name in SPEECH_ROLES;
}
