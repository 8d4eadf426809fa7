// Client certificates over real TLS: of the node's authority, for clients, within their dates at every call.
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { type ClientHttp2Session, connect } from "node:http2";
import { type AddressInfo, connect as connectTcp, createServer } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Scope } from "../../../src/access/scope.ts";
import { AccessControl } from "../../../src/node/access/access-control.ts";
import { ClientCertificates } from "../../../src/node/access/client-certificates.ts";
import { Guesses } from "../../../src/node/access/guesses.ts";
import { createRevocationList } from "../../../src/transport/certificate-authority.ts";
import type { CertificateAndKey } from "../../../src/transport/certificate-keys.ts";
import { createDevelopmentAuthority } from "../../../src/transport/development-certificates.ts";
import type { CallerTls } from "../../../src/transport/listener-tls.ts";
import { createClientCertificate } from "../../transport/client-certificate.ts";
import { type Gateway, openGateway } from "../../transport/gateway.ts";
import { walletA } from "../../transport/ledger-double.ts";

const DAY = 86_400_000;
const SCOPES = new Map<string, readonly Scope[]>([
  ["payments", ["read"]],
  ["idle", []],
]);
let now = Date.now();
let authority: CertificateAndKey;
let stranger: CertificateAndKey;
let gateway: Gateway;

beforeAll(async () => {
  const validity = { now: Date.now(), days: 10 };
  authority = await createDevelopmentAuthority(validity);
  stranger = await createDevelopmentAuthority(validity);
  gateway = await openGateway({
    clientAuthority: authority.certificate,
    authenticator: control(),
  });
});

function control(): AccessControl {
  return new AccessControl({
    ways: [new ClientCertificates({ scopes: SCOPES, system: { wall: () => now } })],
    guesses: new Guesses(() => now),
    publicReads: false,
  });
}

afterAll(() => gateway.close());

type Pair = CertificateAndKey | undefined;

function dial(pair: Pair): ClientHttp2Session {
  const own = pair === undefined ? {} : { cert: pair.certificate, key: pair.key };
  const session = connect(gateway.url, { ca: gateway.ca, ...own });
  session.on("error", () => undefined);
  return session;
}

/** The status of GetWallet, which needs `read`, and the reason if it is refused. */
function ask(session: ClientHttp2Session, headers: object = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const call = session.request({
      ":method": "POST",
      ":path": "/countersign.v1.LedgerService/GetWallet",
      "content-type": "application/json",
      ...headers,
    });
    let status = 0;
    let body = "";
    call.on("response", (answer) => {
      status = Number(answer[":status"]);
    });
    call.setEncoding("utf8");
    call.on("data", (chunk: string) => {
      body += chunk;
    });
    call.on("error", reject);
    call.on("end", () => {
      const [reason = ""] = /UNAUTHENTICATED|PERMISSION_DENIED/.exec(body) ?? [];
      resolve(`${status} ${reason}`.trim());
    });
    call.end(JSON.stringify({ id: walletA }));
  });
}

async function askOnce(pair: Pair, headers?: object): Promise<string> {
  const session = dial(pair);
  try {
    return await ask(session, headers);
  } finally {
    session.close();
  }
}

const made = (subject: string, more: object = {}) =>
  createClientCertificate(authority, { subject, ...more });

describe("T14: a client certificate", () => {
  it("lets its holder do what its name was given", async () => {
    expect(await askOnce(await made("CN=payments, O=Example"))).toBe("200");
    expect(await askOnce(await made("CN=idle"))).toBe("403 PERMISSION_DENIED");
    expect(await askOnce(await made("CN=unknown"))).toBe("403 PERMISSION_DENIED");
  });

  it("tells the node who calls", async () => {
    gateway.reset();
    await askOnce(await made("CN=payments"));
    const { caller, countedAs } = gateway.ledger.asked.at(-1)?.call ?? expect.fail("not asked");
    expect({ ...caller, countedAs }).toEqual({
      principal: "cert:payments",
      scopes: new Set(["read"]),
      countedAs: "cert:payments",
    });
  });

  it("does not hold if another authority made it, under the same name", async () => {
    const pair = await createClientCertificate(stranger, { subject: "CN=payments" });
    expect(await askOnce(pair)).toBe("401 UNAUTHENTICATED");
  });

  it("does not hold if its holder made it", async () => {
    const self = await createDevelopmentAuthority({ now: Date.now(), days: 1 });
    expect(await askOnce(self)).toBe("401 UNAUTHENTICATED");
  });

  it("does not hold if it was made for servers", async () => {
    expect(await askOnce(await made("CN=payments", { purpose: "server" }))).toBe(
      "401 UNAUTHENTICATED",
    );
  });

  it("does not hold without one common name", async () => {
    expect(await askOnce(await made("O=payments"))).toBe("401 UNAUTHENTICATED");
    expect(await askOnce(await made("CN=payments, CN=idle"))).toBe("401 UNAUTHENTICATED");
    expect(await askOnce(await made("CN=payments\u0007"))).toBe("401 UNAUTHENTICATED");
  });

  it("does not hold before and after its dates", async () => {
    const past = await made("CN=payments", { from: Date.now() - 2 * DAY, to: Date.now() - DAY });
    expect(await askOnce(past)).toBe("401 UNAUTHENTICATED");
    const next = await made("CN=payments", { from: Date.now() + DAY, to: Date.now() + 2 * DAY });
    expect(await askOnce(next)).toBe("401 UNAUTHENTICATED");
  });

  it("does not hold any more once it expires, on a connection that stays open", async () => {
    const session = dial(await made("CN=payments", { to: Date.now() + 2 * DAY }));
    try {
      expect(await ask(session)).toBe("200");
      now += 3 * DAY;
      expect(await ask(session)).toBe("401 UNAUTHENTICATED");
      now -= 3 * DAY;
      expect(await ask(session)).toBe("200");
    } finally {
      now = Date.now();
      session.close();
    }
  });

  it("does not hold once its authority has expired", async () => {
    const session = dial(await made("CN=payments", { to: Date.now() + 100 * DAY }));
    try {
      expect(await ask(session)).toBe("200");
      now += 11 * DAY;
      expect(await ask(session)).toBe("401 UNAUTHENTICATED");
    } finally {
      now = Date.now();
      session.close();
    }
  });

  it("goes behind a header of the request", async () => {
    const pair = await made("CN=payments");
    for (const authorization of ["Bearer cs_no", "Basic cGF5", ""]) {
      expect(await askOnce(pair, { authorization })).toBe("401 UNAUTHENTICATED");
    }
  });
});

/** A way to the node on which a client's second message waits, and with it its certificate. */
async function slowWay() {
  const begun = Promise.withResolvers<void>();
  const goingOn = Promise.withResolvers<void>();
  const way = createServer((client) => {
    const node = connectTcp({ host: "127.0.0.1", port: gateway.listener.port });
    for (const end of [client, node]) end.on("error", () => undefined);
    client.once("close", () => node.destroy());
    node.once("close", () => client.destroy());
    node.once("data", () => begun.resolve());
    node.pipe(client);
    client.once("data", (hello) => {
      client.pause();
      node.write(hello);
      goingOn.promise.then(() => client.pipe(node));
    });
  });
  way.listen(0, "127.0.0.1");
  await once(way, "listening");
  const { port } = way.address() as AddressInfo;
  return { port, begun: begun.promise, goOn: goingOn.resolve, close: () => way.close() };
}

describe("T14: a revoked client certificate", () => {
  const listOf = async (...pairs: readonly CertificateAndKey[]) => {
    const revoked = pairs.map(({ certificate }) => {
      return { serial: new X509Certificate(certificate).serialNumber, at: Date.now() };
    });
    const validity = { now: Date.now(), days: 1 };
    return await createRevocationList(authority, { revoked, validity });
  };
  const revoke = async (...pairs: readonly CertificateAndKey[]) =>
    renew({ clientRevocations: await listOf(...pairs) });
  const renew = (changes: Pick<CallerTls, "clientRevocations">) => {
    gateway.listener.renew({
      ...gateway.leaf,
      clientAuthority: authority.certificate,
      ...changes,
    });
  };

  it("does not hold, and its open connections end; others hold and go on", async () => {
    const [lost, kept] = [await made("CN=payments"), await made("CN=payments")];
    await revoke();
    const [open, other] = [dial(lost), dial(kept)];
    try {
      expect([await ask(open), await ask(other)]).toEqual(["200", "200"]);
      const ended = once(open, "close");
      await revoke(lost);
      await ended;
      expect(await askOnce(lost)).toBe("401 UNAUTHENTICATED");
      expect(await ask(other)).toBe("200");
      expect(await askOnce(kept)).toBe("200");
    } finally {
      renew({});
      open.destroy();
      other.destroy();
    }
  });

  it("does not hold on a connection whose handshake began before", async () => {
    const pair = await made("CN=payments");
    await revoke();
    const way = await slowWay();
    const own = { cert: pair.certificate, key: pair.key };
    const session = connect(`https://localhost:${way.port}`, { ca: gateway.ca, ...own });
    session.on("error", () => undefined);
    try {
      const ended = once(session, "close");
      const asked = ask(session).catch(() => "ended");
      await way.begun;
      await revoke(pair);
      way.goOn();
      expect(await asked).toMatch(/^(401 UNAUTHENTICATED|0|ended)$/);
      await ended;
    } finally {
      renew({});
      session.destroy();
      way.close();
    }
  });

  it("holds again once no list has it, nor that of the start", async () => {
    const pair = await made("CN=payments");
    const usual = gateway;
    const options = { authenticator: control(), clientAuthority: authority.certificate };
    gateway = await openGateway({ ...options, clientRevocations: await listOf(pair) });
    try {
      expect(await askOnce(pair)).toBe("401 UNAUTHENTICATED");
      renew({});
      expect(await askOnce(pair)).toBe("200");
      await revoke(pair);
      expect(await askOnce(pair)).toBe("401 UNAUTHENTICATED");
      renew({});
      expect(await askOnce(pair)).toBe("200");
    } finally {
      await gateway.close();
      gateway = usual;
    }
  });
});

describe("T14: a connection without a certificate", () => {
  it("is taken, and its calls are anonymous", async () => {
    expect(await askOnce(undefined)).toBe("401 UNAUTHENTICATED");
    const answer = await gateway.post("/countersign.v1.LedgerService/GetNetwork", "{}");
    expect(answer.status).toBe(200);
  });

  it("resumes no session of a certificate", async () => {
    const pair = await made("CN=payments");
    const tls = (session?: Buffer): Promise<TLSSocket> =>
      new Promise((resolve, reject) => {
        const socket = connectTls(
          {
            host: "127.0.0.1",
            servername: "localhost",
            port: gateway.listener.port,
            ca: gateway.ca,
            cert: pair.certificate,
            key: pair.key,
            ALPNProtocols: ["h2"],
            ...(session !== undefined && { session }),
          },
          () => resolve(socket),
        );
        socket.on("error", reject);
      });
    const first = await tls();
    const session = await new Promise<Buffer | undefined>((resolve) => {
      first.once("session", resolve);
      first.resume();
      setTimeout(() => resolve(first.getSession()), 300);
    });
    first.destroy();
    const second = await tls(session);
    expect(second.isSessionReused()).toBe(false);
    second.destroy();
  });
});
