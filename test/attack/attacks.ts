/** Every attack there is, by name. */
import type { Attack, ClientAttack, MemberAttack } from "./attack.ts";
import { certificateReplays } from "./attacks/certificates.ts";
import { declines, doubleSpends, duplicates, everyCall } from "./attacks/client-calls.ts";
import { clientCreations } from "./attacks/client-creations.ts";
import { slowStreams, unreadStreams } from "./attacks/client-streams.ts";
import { connectionFloods } from "./attacks/connections.ts";
import { freeTransfers } from "./attacks/free-transfers.ts";
import { idleLeader, lateLeader } from "./attacks/leaders.ts";
import { lyingPast } from "./attacks/lying-past.ts";
import {
  conflictingVotes,
  futureVotes,
  invalidVotes,
  nullifyFlood,
  questionFlood,
} from "./attacks/message-floods.ts";
import { nothing } from "./attacks/nothing.ts";
import { equivocation, withheldBodies, wrongRelays, wrongRoots } from "./attacks/proposals.ts";
import { registrations } from "./attacks/registrations.ts";
import { badShares, commitmentFlood, lateShares } from "./attacks/seals.ts";
import { giantMessages, tinyMessages } from "./attacks/sizes.ts";
import { sponsoredCreations } from "./attacks/sponsored-creations.ts";
import { strangerFloods } from "./attacks/stranger-floods.ts";
import { unreadAnswers } from "./attacks/unread-answers.ts";
import { doubleVotes, withheldFinalizes } from "./attacks/votes.ts";

export const ATTACKS: readonly Attack[] = [
  nothing,
  sponsoredCreations,
  freeTransfers,
  idleLeader,
  lateLeader,
  unreadAnswers,
  certificateReplays,
  futureVotes,
  conflictingVotes,
  invalidVotes,
  nullifyFlood,
  questionFlood,
  equivocation,
  wrongRoots,
  withheldBodies,
  wrongRelays,
  doubleVotes,
  withheldFinalizes,
  commitmentFlood,
  // Before bad shares: in the same network, a member that gave a bad share is asked for no other.
  lateShares,
  badShares,
  registrations,
  lyingPast,
  giantMessages,
  tinyMessages,
  clientCreations,
  everyCall,
  duplicates,
  doubleSpends,
  declines,
  unreadStreams,
  slowStreams,
  connectionFloods,
  strangerFloods,
];

/** Throws if there is none by that name. */
export function memberAttack(name: string): MemberAttack {
  const attack = attackNamed(name);
  if (attack.by === "member") return attack;
  throw new Error(`${name} is no attack of a member`);
}

/** Throws if there is none by that name. */
export function clientAttack(name: string): ClientAttack {
  const attack = attackNamed(name);
  if (attack.by === "client") return attack;
  throw new Error(`${name} is no attack of a client`);
}

/** Throws if there is none by that name. */
export function attackNamed(name: string): Attack {
  const attack = ATTACKS.find((one) => one.name === name);
  if (attack !== undefined) return attack;
  throw new Error(
    `there is no attack "${name}"; there are ${ATTACKS.map((one) => one.name).join(", ")}`,
  );
}
