/** Sends nothing at all. */
import type { Role } from "./role.ts";

export function silent(): Role {
  return { name: "silent", twist: () => [] };
}
