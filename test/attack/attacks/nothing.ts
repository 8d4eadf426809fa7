/** The control: an attack that does nothing shows how much the measurement varies by itself. */
import type { MemberAttack } from "../attack.ts";

export const nothing: MemberAttack = {
  name: "nothing",
  by: "member",
  does: "an honest member, for comparison",
};
