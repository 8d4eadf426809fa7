/**
 * Both listeners, and the clients of both sides, on an IPv6 address and on a host name, with TLS checked as
 * everywhere.
 */
import { connect as connectHttp2 } from "node:http2";
import { createClient } from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from "@connectrpc/connect-node";
import { describe, expect, test } from "vitest";
import { LedgerService } from "../../gen/countersign/v1/ledger_service_pb.ts";
import { createGatewayClient } from "../../src/client/gateway-client.ts";
import { verify } from "../../src/node/base/crypto.ts";
import { validatorIndex } from "../../src/primitives/numbers.ts";
import { formatHostPort } from "../../src/transport/http-grammar.ts";
import { createPeerCertificate } from "../../src/transport/peer-certificate.ts";
import { createPeerClient } from "../../src/transport/peer-client.ts";
import { openPeerListener } from "../../src/transport/peer-listener.ts";
import { openPeerSession } from "../../src/transport/peer-session.ts";
import { createPeerTransport } from "../../src/transport/peer-transport.ts";
import { hasIpv6 } from "../support/ipv6.ts";
import { type Gateway, openGateway } from "./gateway.ts";
import { identityOf, networkId } from "./identities.ts";
import { walletA } from "./ledger-double.ts";
import { createPeerDouble, registrationOf } from "./peer-double.ts";
import { createTestLog } from "./test-log.ts";

describe.each(["::1", "localhost", "127.0.0.1"])("on %s", (host) => {
  const isSkipped = host === "::1" && !hasIpv6;

  test.skipIf(isSkipped)("every client of a node is answered", async () => {
    const gateway = await openGateway({ host });
    const baseUrl = `https://${formatHostPort({ host, port: gateway.listener.port })}`;
    try {
      const own = createGatewayClient({ baseUrl, ca: gateway.ca });
      expect((await own.calls.getWallet({ id: walletA })).wallet?.id).toBe(walletA);
      own.close();
      // Generated clients leave the authority to Node.
      const options = { baseUrl, nodeOptions: { ca: gateway.ca } };
      for (const transport of [
        createConnectTransport({ ...options, httpVersion: "2" }),
        createConnectTransport({ ...options, httpVersion: "1.1" }),
        createGrpcTransport(options),
        createGrpcWebTransport({ ...options, httpVersion: "2" }),
      ]) {
        const client = createClient(LedgerService, transport);
        expect((await client.getWallet({ id: walletA })).wallet?.id).toBe(walletA);
      }
      expect(await statusOverHttp2(baseUrl, gateway)).toBe(200);
      for (const version of ["--http1.1", "--http2"]) {
        const { port } = gateway.listener;
        const pinned = ["--connect-to", `localhost:${port}:${formatHostPort({ host, port })}`];
        expect(await gateway.curl("/peers", version, ...pinned)).toMatchObject({ status: 200 });
      }
      expect(gateway.failures).toEqual([]);
    } finally {
      await gateway.close();
    }
  });

  test.skipIf(isSkipped)("two nodes are linked", async () => {
    const [own, its] = await Promise.all(
      [1, 0].map((number) => createPeerCertificate({ networkId, ...identityOf(number) })),
    );
    if (own === undefined || its === undefined) expect.fail("no certificates");
    const check = { networkId, verify };
    const listener = await openPeerListener({
      members: 4,
      ...{ host, port: 0, certificate: its, check, api: createPeerDouble() },
      memberOf: () => validatorIndex(1),
      log: createTestLog(),
      now: () => performance.now(),
      onFailure: (error) => expect.fail(String(error)),
    });
    const session = openPeerSession({
      address: formatHostPort({ host, port: listener.port }),
      identityKey: identityOf(0).publicKey,
      certificate: own,
      check,
      log: createTestLog(),
    });
    const client = createPeerClient(createPeerTransport(session));
    expect(await client.register(registrationOf(1))).toMatchObject({ registration: {} });
    session.close();
    await listener.close(100);
  });
});

/** Node's own client, with the authority that it builds from an address. */
async function statusOverHttp2(url: string, { ca }: Gateway): Promise<unknown> {
  const session = connectHttp2(url, { ca });
  const stream = session.request({ ":path": "/peers" });
  const head = new Promise<object>((resolve) => stream.once("response", resolve));
  await stream.toArray();
  session.close();
  return Reflect.get(await head, ":status");
}
