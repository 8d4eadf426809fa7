/** The control: what the measurement shows where nothing is done. */
import type { MemberAttack } from "../attack.ts";

export const nothing: MemberAttack = {
  name: "nothing",
  by: "member",
  does: "an honest member, for comparison",
};
