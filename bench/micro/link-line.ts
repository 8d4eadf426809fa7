/** Two nodes' transports in this process, over TLS on loopback: what one message or one question costs both sides together. */
import { entropy, sha256, signingKeyOf, verify } from "../../src/node/base/crypto.ts";
import { assert } from "../../src/primitives/assert.ts";
import { equalBytes, utf8 } from "../../src/primitives/bytes.ts";
import { validatorIndex } from "../../src/primitives/numbers.ts";
import type { SigningKey } from "../../src/primitives/signature.ts";
import type { PeerApi } from "../../src/transport/peer-api.ts";
import { createPeerCertificate } from "../../src/transport/peer-certificate.ts";
import { createPeerClient, type PeerClient, PeerFailure } from "../../src/transport/peer-client.ts";
import { PeerLink } from "../../src/transport/peer-link.ts";
import { openPeerListener } from "../../src/transport/peer-listener.ts";
import { openPeerSession } from "../../src/transport/peer-session.ts";
import { createPeerTransport } from "../../src/transport/peer-transport.ts";
import { realTimers } from "../../src/transport/timers.ts";
import type { Listener } from "../../src/transport/tls-listener.ts";
import { verification } from "../../test/transport/peer-double.ts";
import type { MicroBenchmark } from "./timing.ts";

const VOTE_BYTES = 120;
const MEMBERS = 4;
const networkId = sha256(utf8("network of the benchmark"));
const check = { networkId, verify };
const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined };

interface Line {
  readonly benchmarks: readonly MicroBenchmark[];
  readonly close: () => Promise<void>;
}

/** A link whose every message is waited for, so that each is a batch of its own. */
export async function openLine(): Promise<Line> {
  const [near, far] = [signingKeyOf(entropy(32)), signingKeyOf(entropy(32))];
  let arrived = (): void => undefined;
  const api: Pick<PeerApi, "receive" | "verification"> = {
    receive: async () => {
      arrived();
      return undefined;
    },
    verification: async () => ({ kind: "refused", reason: "notFinal" }),
  };
  const listener = await listen(api as PeerApi, near, far);
  const session = openPeerSession({
    address: `127.0.0.1:${listener.port}`,
    identityKey: far.publicKey,
    certificate: await createPeerCertificate({ networkId, ...near }),
    check,
    log: quiet,
  });
  const client = createPeerClient(createPeerTransport(session));
  const link = await linkOver(client);
  const vote = entropy(VOTE_BYTES);
  return {
    benchmarks: [
      {
        name: "carry a vote over a link, both sides",
        run: () =>
          new Promise<void>((resolve) => {
            arrived = resolve;
            link.send({ consensusMessages: [vote] });
          }),
      },
      {
        name: "ask and answer a verification, both sides",
        run: async () => {
          const answer = await client.verification(verification);
          assert(!(answer instanceof PeerFailure), "the question is answered");
          return answer;
        },
      },
    ],
    close: async () => {
      await link.close();
      session.close();
      await listener.close(0);
    },
  };
}

async function listen(api: PeerApi, near: SigningKey, far: SigningKey): Promise<Listener> {
  return await openPeerListener({
    members: MEMBERS,
    host: "127.0.0.1",
    port: 0,
    certificate: await createPeerCertificate({ networkId, ...far }),
    check,
    memberOf: (key) => (equalBytes(key, near.publicKey) ? validatorIndex(0) : undefined),
    api,
    log: quiet,
    // No rate of a member holds: every call finds its bucket full again.
    now: fastClock(),
    onFailure: (error) => {
      throw error;
    },
  });
}

/** The link once it is open. */
async function linkOver(client: PeerClient): Promise<PeerLink> {
  const connected = Promise.withResolvers<void>();
  const link = new PeerLink({
    nodeId: "far",
    client,
    greet: async () => undefined,
    onConnected: () => connected.resolve(),
    onDisconnected: () => undefined,
    timers: realTimers,
    log: quiet,
  });
  link.open();
  await connected.promise;
  return link;
}

/** A second passes between any two looks. */
function fastClock(): () => number {
  let now = 0;
  return () => {
    now += 1_000;
    return now;
  };
}
