/** A peer listener on loopback, and an HTTP/2 session of a member to it: for calls that no client of ours makes. */
import { type ClientHttp2Session, connect } from "node:http2";
import { validatorIndex } from "../../src/primitives/numbers.ts";
import type { PeerApi } from "../../src/transport/peer-api.ts";
import { createPeerCertificate } from "../../src/transport/peer-certificate.ts";
import { openPeerListener } from "../../src/transport/peer-listener.ts";
import { certificateCheck, identityOf, networkId } from "./identities.ts";
import { createTestLog } from "./test-log.ts";

export interface RawPeer {
  readonly session: ClientHttp2Session;
  readonly close: () => Promise<void>;
}

/** `onFailure`: what the listener reports as the node's own fault. */
export async function openRawPeer(
  api: PeerApi,
  onFailure: (error: unknown) => void,
): Promise<RawPeer> {
  const certificate = await createPeerCertificate({ networkId, ...identityOf(1) });
  const listener = await openPeerListener({
    members: 4,
    host: "127.0.0.1",
    port: 0,
    certificate,
    check: certificateCheck,
    memberOf: () => validatorIndex(1),
    api,
    log: createTestLog(),
    now: () => performance.now(),
    onFailure,
  });
  const { certificate: cert, key } = certificate;
  const url = `https://127.0.0.1:${listener.port}`;
  const session = connect(url, { cert, key, rejectUnauthorized: false });
  return {
    session,
    close: async () => {
      session.destroy();
      await listener.close(100);
    },
  };
}
