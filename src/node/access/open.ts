/** No authorisation: every caller is the open one. For the development network on loopback. */
import { OPEN_CALLER } from "../../access/principal.ts";
import type { Authenticator } from "../../transport/authenticator.ts";

export const openAuthenticator: Authenticator = {
  authenticate: () => Promise.resolve(OPEN_CALLER),
};
