/** All roles, for worlds that choose some of them. */
import { certificateReplayer } from "./certificate-replayer.ts";
import { doubleVoter } from "./double-voter.ts";
import { equivocator } from "./equivocator.ts";
import { farVoter } from "./far-voter.ts";
import { forker } from "./forker.ts";
import { hoarder } from "./hoarder.ts";
import { idleLeader } from "./idle-leader.ts";
import { lateLeader } from "./late-leader.ts";
import { liar } from "./liar.ts";
import { partialNullifier } from "./partial-nullifier.ts";
import type { Role, RoleContext } from "./role.ts";
import { silent } from "./silent.ts";
import { sparingLeader } from "./sparing-leader.ts";
import { starver } from "./starver.ts";
import { withholder } from "./withholder.ts";

export const ROLES = {
  silent: (_context: RoleContext): Role => silent(),
  equivocator,
  forker,
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
  starver,
} as const;

export type RoleName = keyof typeof ROLES;

export const ROLE_NAMES: readonly RoleName[] = [
  "silent",
  "equivocator",
  "forker",
  "doubleVoter",
  "withholder",
  "liar",
  "hoarder",
  "idleLeader",
  "lateLeader",
  "certificateReplayer",
  "farVoter",
  "partialNullifier",
  "sparingLeader",
  "starver",
];
