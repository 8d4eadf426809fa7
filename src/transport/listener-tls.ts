/** TLS of the listeners whose callers may prove themselves by a certificate: the node's own pair, and the authority of callers. */
import { constants } from "node:crypto";
import type { SecureServerOptions } from "node:http2";
import type { CertificateAndKey } from "./certificate-keys.ts";
import { revocationListsIn } from "./revocation-list.ts";

export interface CallerTls extends CertificateAndKey {
  /** PEM of the authority whose client certificates are asked for; absent: none are. */
  readonly clientAuthority?: string | undefined;
  /** PEM of its lists of revoked certificates (CRL); absent: it has revoked none. */
  readonly clientRevocations?: string | undefined;
}

/** A connection without a certificate, or with a strange one, is taken all the same: its calls show who makes them, or fail. */
export function tlsForCallers({
  certificate,
  key,
  clientAuthority,
  clientRevocations,
}: CallerTls): SecureServerOptions {
  const own = { cert: certificate, key, allowHTTP1: true };
  if (clientAuthority === undefined) return own;
  const lists = clientRevocations === undefined ? [] : revocationListsIn(clientRevocations);
  return {
    ...own,
    ca: clientAuthority,
    // Stated in any case, so that a renewal without lists ends those that there were.
    crl: lists.length === 0 ? undefined : [...lists],
    requestCert: true,
    rejectUnauthorized: false,
    // A resumed session would keep the verdict on a certificate, even after its authority is gone.
    secureOptions: constants.SSL_OP_NO_TICKET,
  };
}
