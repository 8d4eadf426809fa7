// Client certificates over real TLS: of the node's authority, for clients, within their dates at every call.
import { type ClientHttp2Session, connect } from "node:http2";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Scope } from "../../../src/access/scope.ts";
import { AccessControl } from "../../../src/node/access/access-control.ts";
import { ClientCertificates } from "../../../src/node/access/client-certificates.ts";
import { Guesses } from "../../../src/node/access/guesses.ts";
import type { CertificateAndKey } from "../../../src/transport/certificate-keys.ts";
import { createDevelopmentAuthority } from "../../../src/transport/development-certificates.ts";
import { createClientCertificate } from "../../transport/client-certificate.ts";
import { type Gateway, openGateway } from "../../transport/gateway.ts";
import { walletA } from "../../transport/ledger-double.ts";

const DAY = 86_400_000;
let now = Date.now();
let authority: CertificateAndKey;
let stranger: CertificateAndKey;
let gateway: Gateway;

beforeAll(async () => {
  const validity = { now: Date.now(), days: 10 };
  authority = await createDevelopmentAuthority(validity);
  stranger = await createDevelopmentAuthority(validity);
  const scopes = new Map<string, readonly Scope[]>([
    ["payments", ["read"]],
    ["idle", []],
  ]);
  gateway = await openGateway({
    clientAuthority: authority.certificate,
    authenticator: new AccessControl({
      ways: [new ClientCertificates({ scopes, system: { wall: () => now } })],
      guesses: new Guesses(() => now),
      publicReads: false,
    }),
  });
});

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
