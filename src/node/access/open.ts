/** Without access control every caller is the open principal. For development networks on loopback. */
import { OPEN_CALLER } from "../../access/principal.ts";
import type { Authenticator } from "../../transport/authenticator.ts";

export const openAuthenticator: Authenticator = {
  authenticate: () => Promise.resolve(OPEN_CALLER),
};
