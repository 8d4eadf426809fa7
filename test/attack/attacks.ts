/** Every attack there is, by name. */
import type { Attack, ClientAttack, MemberAttack } from "./attack.ts";
import { idleLeader, lateLeader } from "./attacks/leaders.ts";
import { nothing } from "./attacks/nothing.ts";
import { sponsoredCreations } from "./attacks/sponsored-creations.ts";

export const ATTACKS: readonly Attack[] = [nothing, sponsoredCreations, idleLeader, lateLeader];

/** Throws if there is none. */
export function memberAttack(name: string): MemberAttack {
  const attack = attackNamed(name);
  if (attack.by === "member") return attack;
  throw new Error(`${name} is no attack of a member`);
}

/** Throws if there is none. */
export function clientAttack(name: string): ClientAttack {
  const attack = attackNamed(name);
  if (attack.by === "client") return attack;
  throw new Error(`${name} is no attack of a client`);
}

/** Throws if there is none. */
export function attackNamed(name: string): Attack {
  const attack = ATTACKS.find((one) => one.name === name);
  if (attack !== undefined) return attack;
  throw new Error(
    `there is no attack "${name}"; there are ${ATTACKS.map((one) => one.name).join(", ")}`,
  );
}
