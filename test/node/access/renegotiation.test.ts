// T14: a TLS 1.2 client shows one certificate, and then tries to show another on the same connection.
import { connect as connectTls, createSecureContext, type TLSSocket } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AccessControl } from "../../../src/node/access/access-control.ts";
import { ClientCertificates } from "../../../src/node/access/client-certificates.ts";
import { Guesses } from "../../../src/node/access/guesses.ts";
import { operatorBounds } from "../../../src/transport/caller-bounds.ts";
import type { CertificateAndKey } from "../../../src/transport/certificate-keys.ts";
import {
  createDevelopmentAuthority,
  createListenerCertificate,
  LOOPBACK_HOSTS,
} from "../../../src/transport/development-certificates.ts";
import {
  type OperatorTlsListener,
  openOperatorTlsListener,
} from "../../../src/transport/operator-listener.ts";
import { createClientCertificate } from "../../transport/client-certificate.ts";
import { type Gateway, openGateway } from "../../transport/gateway.ts";
import { walletA } from "../../transport/ledger-double.ts";
import { createOperatorDouble } from "../../transport/operator-double.ts";
import { createTestLog } from "../../transport/test-log.ts";

const validity = { now: Date.now(), days: 2 };
let authority: CertificateAndKey;
let gateway: Gateway;
let operator: OperatorTlsListener;
const api = createOperatorDouble();

beforeAll(async () => {
  authority = await createDevelopmentAuthority(validity);
  const authenticator = new AccessControl({
    ways: [
      new ClientCertificates({
        scopes: new Map([["treasury", ["read", "operate"]]]),
        system: { wall: () => Date.now() },
      }),
    ],
    guesses: new Guesses(() => performance.now()),
    publicReads: false,
  });
  gateway = await openGateway({ clientAuthority: authority.certificate, authenticator });
  operator = await openOperatorTlsListener({
    host: "127.0.0.1",
    port: 0,
    ...(await createListenerCertificate(authority, LOOPBACK_HOSTS, validity)),
    clientAuthority: authority.certificate,
    authenticator,
    api,
    audit: { called: async () => undefined },
    metrics: undefined,
    notReadyBecause: () => undefined,
    bounds: operatorBounds(() => performance.now()),
    log: createTestLog(),
    onFailure: () => undefined,
  });
});

afterAll(async () => {
  await gateway.close();
  await operator.close(100);
});

function open(port: number, { certificate: cert, key }: CertificateAndKey): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const options = { host: "127.0.0.1", port, cert, key, rejectUnauthorized: false };
    const socket = connectTls({ ...options, maxVersion: "TLSv1.2" }, () => resolve(socket));
    socket.once("error", reject);
  });
}

/** The fault of a second handshake in which the client shows another certificate; undefined if it went through. */
function renegotiate(socket: TLSSocket, pair: CertificateAndKey): Promise<string | undefined> {
  socket.setKeyCert(createSecureContext({ cert: pair.certificate, key: pair.key }));
  return new Promise((resolve) => {
    socket.once("error", (error) => resolve(error.message));
    socket.once("close", () => resolve("closed"));
    socket.renegotiate({}, (error) => resolve(error?.message));
  });
}

/** The status line of a call; empty if the connection ended without one. */
function call(socket: TLSSocket, path: string, body: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = "";
    socket.setEncoding("utf8");
    socket.on("data", (part: string) => {
      answer += part;
    });
    socket.once("close", () => resolve(answer.split("\r\n")[0] ?? ""));
    socket.on("error", () => undefined);
    if (socket.destroyed) return resolve("");
    socket.write(
      `POST ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\n` +
        `content-length: ${body.length}\r\n\r\n${body}`,
    );
  });
}

const LISTENERS = [
  [
    "client",
    () => gateway.listener.port,
    "/countersign.v1.LedgerService/GetWallet",
    JSON.stringify({ id: walletA }),
  ],
  ["operator", () => operator.port, "/countersign.v1.OperatorService/Reload", "{}"],
] as const;

describe.each(LISTENERS)("T14: the %s listener", (_, port, path, body) => {
  it("takes no second certificate on a connection", async () => {
    const attacker = await createClientCertificate(authority, { subject: "CN=attacker" });
    const forged = await createClientCertificate(await createDevelopmentAuthority(validity), {
      subject: "CN=treasury",
    });
    const socket = await open(port(), attacker);
    expect(socket.getProtocol()).toBe("TLSv1.2");
    const fault = await renegotiate(socket, forged);
    // A connection that goes on is still that of the first certificate.
    expect(await call(socket, path, body)).not.toMatch(/ 200 /);
    expect(fault).toMatch(/no renegotiation|closed/i);
  });

  it("takes the true one over TLS 1.2", async () => {
    const treasury = await createClientCertificate(authority, { subject: "CN=treasury" });
    expect(await call(await open(port(), treasury), path, body)).toMatch(/ 200 /);
  });
});
