/** The port by which a listener learns who calls: the node hands in the ways to be a principal. */
import type { Caller } from "../access/principal.ts";
import type { Refusal } from "./refusal.ts";
import type { ShownCertificate } from "./shown-certificate.ts";

/** The parts of a request that may say who calls. All of it is the caller's word. */
export interface RequestCredentials {
  /** The header, as it came. */
  readonly authorization: string | undefined;
  /** The certificate of the connection, if it showed one. */
  readonly clientCertificate: ShownCertificate | undefined;
  /** The address, or the network of addresses, that it counts under (`callerPrefix`). */
  readonly address: string;
  readonly method: string;
  readonly path: string;
}

export interface Authenticator {
  /** The caller: anonymous if the request shows no credential; a refusal if what it shows does not hold. */
  authenticate(request: RequestCredentials): Promise<Caller | Refusal>;
}
