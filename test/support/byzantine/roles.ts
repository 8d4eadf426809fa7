/** The roles that twist what an honest core says, in every world. */
import { certificateReplayer } from "./certificate-replayer.ts";
import { doubleVoter } from "./double-voter.ts";
import { equivocator } from "./equivocator.ts";
import { farVoter } from "./far-voter.ts";
import { hoarder } from "./hoarder.ts";
import { idleLeader } from "./idle-leader.ts";
import { lateLeader } from "./late-leader.ts";
import { liar } from "./liar.ts";
import { naysayer } from "./naysayer.ts";
import { nullifyFlooder } from "./nullify-flooder.ts";
import { partialNullifier } from "./partial-nullifier.ts";
import { questioner } from "./questioner.ts";
import type { Role, SpeakerContext } from "./role.ts";
import { silent } from "./silent.ts";
import { sparingLeader } from "./sparing-leader.ts";
import { spoiler } from "./spoiler.ts";
import { starver } from "./starver.ts";
import { withholder } from "./withholder.ts";
import { wrongRelayer } from "./wrong-relayer.ts";

export const SPEECH_ROLES = {
  silent: (_context: SpeakerContext) => silent(),
  equivocator,
  doubleVoter,
  withholder,
  liar,
  hoarder,
  idleLeader,
  lateLeader,
  certificateReplayer,
  farVoter,
  partialNullifier,
  sparingLeader,
  spoiler,
  starver,
  nullifyFlooder,
  naysayer,
  questioner,
  wrongRelayer,
} as const satisfies Record<string, (context: SpeakerContext) => Role>;
