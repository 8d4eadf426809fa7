/** The port by which a listener identifies callers; the node supplies the methods. */
import type { Caller } from "../access/principal.ts";
import type { Digest } from "../primitives/hash.ts";
import type { CallerCertificate } from "./caller-certificate.ts";
import type { Refusal } from "./refusal.ts";

/** The parts of a request that may identify its caller. All of them are the caller's claims. */
export interface RequestCredentials {
  /** The header as it arrived. */
  readonly authorization: string | undefined;
  /** The certificate of the connection, if it showed one. */
  readonly clientCertificate: CallerCertificate | undefined;
  /** The address, or the network of addresses, under which the caller is counted (`callerPrefix`). */
  readonly address: string;
  /** Full name of the call, `package.Service/Method`, or the path of a page. */
  readonly call: string;
}

export interface IdentifiedCaller extends Caller {
  /** SHA-256 of the one body that the credential is good for, as it is sent; absent: any. */
  readonly bodyDigest?: Digest | undefined;
  /**
   * Milliseconds for which the credential holds from now on, if nothing but time ends it; absent: a call that lasts has it judged
   * again and again.
   */
  readonly holdsMs?: number | undefined;
}

export interface Authenticator {
  /** The caller: anonymous if the request shows no credential; a refusal if the credential is invalid. */
  authenticate(request: RequestCredentials): Promise<IdentifiedCaller | Refusal>;
}
