/** All roles of the simulation: those of every world, and those that know its ledger. */
import type { Role, SpeakerContext } from "../support/byzantine/role.ts";
import { SPEECH_ROLES } from "../support/byzantine/roles.ts";
import type { SimulatedLedger } from "./application.ts";
import { forker } from "./forker.ts";
import { monopolist } from "./monopolist.ts";

export interface RoleContext extends SpeakerContext {
  readonly ledger: SimulatedLedger;
}

export const ROLES = { ...SPEECH_ROLES, forker, monopolist } as const satisfies Record<
  string,
  (context: RoleContext) => Role
>;

export type RoleName = keyof typeof ROLES;

export const ROLE_NAMES = Object.keys(ROLES) as readonly RoleName[];
