/** A reload of a real client listener over real TLS: no call ends, and what does not fit leaves everything as it was. */
import { execFileSync, spawn } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { chmodSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { type ClientHttp2Session, connect as connectHttp2 } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type TLSSocket } from "node:tls";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Health } from "../../../gen/grpc/health/v1/health_pb.ts";
import { OPEN_CALLER } from "../../../src/access/principal.ts";
import { type NodeAccess, openNodeAccess } from "../../../src/node/access/node-access.ts";
import { createLog, LogLevels } from "../../../src/node/base/log.ts";
import { inlineChecker } from "../../../src/node/base/signature-checker.ts";
import { realSystem } from "../../../src/node/base/system.ts";
import { readClientAuthority, readClientTls } from "../../../src/node/files/client-tls.ts";
import { encodeConfig, loadConfig } from "../../../src/node/files/config.ts";
import { certificateFileOf, OwnCertificates } from "../../../src/node/operator/own-certificates.ts";
import { Reloading } from "../../../src/node/operator/reloading.ts";
import { openMemoryStore } from "../../../src/storage/memory-store.ts";
import type { Authenticator, RequestCredentials } from "../../../src/transport/authenticator.ts";
import { openBounds } from "../../../src/transport/caller-bounds.ts";
import type { CallerCertificate } from "../../../src/transport/caller-certificate.ts";
import {
  createRevocationList,
  issueCertificate,
} from "../../../src/transport/certificate-authority.ts";
import type { CertificateAndKey } from "../../../src/transport/certificate-keys.ts";
import { type ClientListener, openClientListener } from "../../../src/transport/client-listener.ts";
import {
  createDevelopmentAuthority,
  createListenerCertificate,
} from "../../../src/transport/development-certificates.ts";
import { Refusal } from "../../../src/transport/refusal.ts";
import { networkId } from "../../transport/identities.ts";
import { createLedgerDouble } from "../../transport/ledger-double.ts";
import {
  AUDIENCE,
  generateServerKey,
  ISSUER,
  keySetText,
  type ServerKey,
  signToken,
} from "../access/authorization-server.ts";

const DAY_MS = 86_400_000;
const CONFIG = {
  node: "node1",
  genesis: "genesis.json",
  data: "data",
  passphraseFile: "passphrase",
  clientListen: "127.0.0.1:7001",
  clientCertificate: "certificate.pem",
  clientKey: "key.pem",
  peerListen: "127.0.0.1:7101",
  logLevel: "info",
  access: { clientAuthority: "clients.pem" },
};

let folder: string;
let authority: CertificateAndKey;
/** Signs the certificates of clients. */
let clients: CertificateAndKey;
/** The faults of the client certificates that calls came with. */
let seen: string[];
let access: NodeAccess;
let authenticator: Authenticator;
let listener: ClientListener;
let reloading: Reloading;
let levels: LogLevels;
let certificates: OwnCertificates;
let lines: string[];

const file = (name: string) => join(folder, name);
const messages = () => lines.map((line) => JSON.parse(line));

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "countersign-reload-"));
  lines = [];
  authority = await createDevelopmentAuthority({ now: Date.now(), days: 100 });
  clients = await createDevelopmentAuthority({ now: Date.now(), days: 100 });
  writeFileSync(file("clients.pem"), clients.certificate);
  writeConfig({});
  await writePair(["localhost", "first.example"], 90);
  const config = loadConfig(file("config.json"));
  const tls = { ...readClientTls(config), ...readClientAuthority(config, Date.now()) };
  seen = [];
  const log = createLog("node1", "info", (line) => lines.push(line));
  levels = new LogLevels(log, "info");
  certificates = new OwnCertificates([certificateFileOf(config, tls)], {
    system: realSystem,
    log,
  });
  const store = await openMemoryStore({ identity: { networkId } });
  access = await openNodeAccess({ config, store, system: realSystem, log });
  authenticator = access.createAuthenticator({
    networkId,
    node: "node1",
    wallets: { keyOf: () => undefined },
    checker: inlineChecker,
  });
  listener = await openClientListener({
    host: "127.0.0.1",
    port: 0,
    ...tls,
    ledger: createLedgerDouble(),
    peers: {
      register: async (signed) => signed,
      verification: async () => ({ kind: "refused", reason: "notFinal" }),
    },
    log,
    authenticator: {
      authenticate: async ({ clientCertificate }) => {
        seen.push(clientCertificate?.problem ?? "none");
        return OPEN_CALLER;
      },
    },
    bounds: openBounds(realSystem.monotonic, 600),
    onFailure: () => undefined,
  });
  reloading = new Reloading({
    config,
    tls,
    servers: access.servers,
    access,
    certificates,
    listeners: [listener],
    levels,
    system: realSystem,
    log,
  });
});

afterEach(async () => {
  access.close();
  await listener.close(100);
  rmSync(folder, { recursive: true, force: true });
});

function writeConfig(changes: Partial<Parameters<typeof encodeConfig>[0]>): void {
  writeFileSync(file("config.json"), encodeConfig({ ...CONFIG, ...changes }));
}

async function writePair(hosts: readonly string[], days: number, now = Date.now()): Promise<void> {
  const pair = await createListenerCertificate(authority, hosts, { now, days });
  writeFileSync(file("certificate.pem"), pair.certificate);
  writeFileSync(file("key.pem"), pair.key, { mode: 0o600 });
}

/** The names of the certificate that a new connection is shown. */
function shownNames(servername = "localhost"): Promise<string> {
  return new Promise((resolve, reject) => {
    const { port } = listener;
    const options = { host: "127.0.0.1", port, ca: authority.certificate, servername };
    const socket = connect(options, () => {
      resolve(socket.getPeerCertificate().subjectaltname ?? "");
      socket.destroy();
    });
    socket.once("error", reject);
  });
}

const validity = () => ({ now: Date.now(), days: 100 });

function clientOf(signer: CertificateAndKey): Promise<CertificateAndKey> {
  return issueCertificate(signer, {
    commonName: "billing",
    hosts: [],
    uses: ["client"],
    validity: { now: Date.now(), days: 10 },
  });
}

function sessionWith({ certificate: cert, key }: CertificateAndKey): ClientHttp2Session {
  const url = `https://localhost:${listener.port}`;
  return connectHttp2(url, { ca: authority.certificate, cert, key });
}

/** The scopes of the caller who shows this, or the reason why it is refused. */
async function scopesOf(shown: Partial<RequestCredentials>): Promise<string> {
  const caller = await authenticator.authenticate({
    authorization: undefined,
    clientCertificate: undefined,
    address: "192.0.2.1",
    call: "/metrics",
    ...shown,
  });
  return caller instanceof Refusal ? caller.reason : [...caller.scopes].join(",");
}

function certificateOf(commonName: string): CallerCertificate {
  const [validFrom, validTo] = [Date.now() - DAY_MS, Date.now() + DAY_MS];
  return { commonName, serials: [], problem: undefined, validFrom, validTo };
}

const REQUEST = "GET /peers HTTP/1.1\r\nhost: localhost\r\n\r\n";

async function http1With({ certificate: cert, key }: CertificateAndKey): Promise<TLSSocket> {
  const options = { host: "127.0.0.1", port: listener.port, servername: "localhost", cert, key };
  const socket = connect({ ...options, ca: authority.certificate });
  await once(socket, "secureConnect");
  socket.resume();
  return socket;
}

/** A call that looks at who calls. */
async function callOn(session: ClientHttp2Session): Promise<void> {
  const stream = session.request({ ":path": "/peers" });
  await stream.toArray();
}

function statusAs(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const session = connectHttp2(`https://localhost:${listener.port}`, {
      ca: authority.certificate,
    });
    session.once("error", reject);
    const stream = session.request({ ":path": "/peers", ":authority": host });
    stream.once("response", (headers) => {
      resolve(Number(headers[":status"]));
      session.destroy();
    });
    stream.on("error", () => undefined);
  });
}

describe("a reload", () => {
  it("shows new connections the new certificate, and ends no call", async () => {
    const calls = createClient(
      Health,
      createGrpcTransport({
        baseUrl: `https://localhost:${listener.port}`,
        nodeOptions: { ca: authority.certificate },
      }),
    );
    const end = new AbortController();
    const watch = calls.watch({}, { signal: end.signal })[Symbol.asyncIterator]();
    expect((await watch.next()).value).toMatchObject({ status: 1 });
    const next = watch.next().then(
      () => "ended",
      () => "ended",
    );
    expect(await shownNames()).toBe("DNS:localhost, DNS:first.example");
    expect(await statusAs("first.example")).toBe(200);
    expect(await statusAs("second.example")).toBe(421);

    await writePair(["localhost", "second.example"], 60);
    expect(reloading.reload()).toMatchObject({
      taken: ["clientCertificate", "clientKey"],
      atNextStart: [],
      certificates: [{ names: ["DNS:localhost", "DNS:second.example"], daysLeft: 59 }],
    });

    expect(await shownNames()).toBe("DNS:localhost, DNS:second.example");
    expect(await statusAs("second.example")).toBe(200);
    expect(await statusAs("first.example")).toBe(421);
    expect(await calls.check({})).toMatchObject({ status: 1 });
    expect(await Promise.race([next, Promise.resolve("goes on")])).toBe("goes on");
    expect(reloading.last).toMatchObject({ problem: "" });
    end.abort();
    await next;
  });

  it("takes the authority of client certificates, and ends the connections that it judged", async () => {
    const [first, second] = [clients, await createDevelopmentAuthority(validity())];
    const [old, fresh] = [await clientOf(first), await clientOf(second)];
    const open = sessionWith(old);
    const ended = once(open, "close");
    const nameless = connectHttp2(`https://localhost:${listener.port}`, {
      ca: authority.certificate,
    });
    const http1 = await http1With(old);
    const cut = once(http1, "close");
    await callOn(open);
    await callOn(nameless);
    http1.write(REQUEST);
    await expect.poll(() => seen).toEqual(["none", "none", "none"]);
    writeFileSync(file("clients.pem"), second.certificate);
    expect(reloading.reload()).toMatchObject({
      taken: ["access.clientAuthority"],
      atNextStart: [],
    });
    seen = [];
    http1.write(REQUEST);
    await expect.poll(() => seen).toEqual(["the authority was replaced: connect again"]);
    await Promise.all([ended, cut]);
    await callOn(nameless);
    nameless.destroy();
    seen = ["", ""];
    for (const pair of [old, fresh]) {
      const session = sessionWith(pair);
      await callOn(session);
      session.destroy();
    }
    expect(seen.slice(2)).toEqual([expect.stringMatching(/^[A-Z_]+$/), "none"]);
    expect(reloading.reload()).toMatchObject({ taken: [], atNextStart: [] });
  });

  it("takes the revoked certificates, from a list that its authority has signed", async () => {
    const pair = await clientOf(clients);
    const { serialNumber: serial } = new X509Certificate(pair.certificate);
    const terms = { revoked: [{ serial, at: Date.now() }], validity: validity() };
    const problem = () => callOn(sessionWith(pair)).then(() => seen.at(-1));
    writeConfig({ access: { ...CONFIG.access, clientRevocations: "crl.pem" } });
    writeFileSync(file("crl.pem"), await createRevocationList(authority, terms));
    expect(reloading.reload()).toMatchObject({ message: expect.stringMatching(/holds no list/) });
    writeFileSync(file("crl.pem"), await createRevocationList(clients, terms));
    const taken = { taken: ["access.clientRevocations"], atNextStart: [] };
    expect(reloading.reload()).toMatchObject(taken);
    expect(await problem()).toBe("CERT_REVOKED");
    writeConfig({ access: CONFIG.access });
    expect(reloading.reload()).toMatchObject(taken);
    expect(await problem()).toBe("none");
  });

  it("leaves to the next start whether client certificates are asked for, and by which file", () => {
    writeFileSync(file("others.pem"), authority.certificate);
    for (const access of [{ clientAuthority: "others.pem" }, {}]) {
      writeConfig({ access });
      expect(reloading.reload()).toMatchObject({ taken: [], atNextStart: ["access"] });
    }
  });

  it("takes the scopes of client certificates, from the next call on", async () => {
    const holds = () => scopesOf({ clientCertificate: certificateOf("payments") });
    const grant = (clientScopes: Readonly<Record<string, readonly string[]>>) =>
      writeConfig({ access: { ...CONFIG.access, clientScopes } });
    expect(await holds()).toBe("");
    grant({ payments: ["submit", "read"] });
    expect(reloading.reload()).toMatchObject({ taken: ["access.clientScopes"], atNextStart: [] });
    expect(await holds()).toBe("submit,read");
    expect(reloading.reload()).toMatchObject({ taken: [], atNextStart: [] });
    grant({ other: ["submit"] });
    expect(reloading.reload()).toMatchObject({ taken: ["access.clientScopes"] });
    expect(await holds()).toBe("");
    grant({ payments: ["submit", "pay"] });
    expect(reloading.reload()).toMatchObject({ reason: "NOT_RELOADED" });
    expect(await holds()).toBe("");
  });

  it("gives no scopes to the names of an authority that is used from the next start on", async () => {
    writeFileSync(file("others.pem"), authority.certificate);
    writeConfig({
      access: { clientAuthority: "others.pem", clientScopes: { payments: ["issue"] } },
    });
    expect(reloading.reload()).toMatchObject({ taken: [], atNextStart: ["access"] });
    expect(await scopesOf({ clientCertificate: certificateOf("payments") })).toBe("");
  });

  it("takes the authorization servers and their keys, from the next call on", async () => {
    const [first, second] = [await generateServerKey("first"), await generateServerKey("second")];
    const server = { issuer: ISSUER, audience: AUDIENCE, jwks: "keys.json" };
    const trust = (changes: object = {}) =>
      writeConfig({
        access: { ...CONFIG.access, authorizationServers: [{ ...server, ...changes }] },
      });
    const tokenOf = async (key: ServerKey) => {
      const authorization = `Bearer ${await signToken(key, { now: Date.now() })}`;
      return await scopesOf({ authorization });
    };
    const taken = { taken: ["access.authorizationServers"], atNextStart: [] };
    expect(await tokenOf(first)).toBe("UNAUTHENTICATED");
    writeFileSync(file("keys.json"), keySetText(first));
    trust();
    expect(reloading.reload()).toMatchObject(taken);
    expect(await tokenOf(first)).toBe("submit");
    writeFileSync(file("keys.json"), keySetText(second));
    expect(reloading.reload()).toMatchObject(taken);
    expect([await tokenOf(first), await tokenOf(second)]).toEqual(["UNAUTHENTICATED", "submit"]);
    expect(reloading.reload()).toMatchObject({ taken: [], atNextStart: [] });
    writeFileSync(file("keys.json"), "{}");
    expect(reloading.reload()).toMatchObject({ reason: "NOT_RELOADED" });
    expect(await tokenOf(second)).toBe("submit");
    writeFileSync(file("keys.json"), keySetText(second));
    trust({ scopes: { openid: ["read"] } });
    expect(reloading.reload()).toMatchObject(taken);
    expect(await tokenOf(second)).toBe("read");
    writeConfig({});
    expect(reloading.reload()).toMatchObject(taken);
    expect(await tokenOf(second)).toBe("UNAUTHENTICATED");
  });

  it("takes the log level, and names the keys that wait for the next start", () => {
    writeConfig({ logLevel: "debug", peerListen: "127.0.0.1:7999", node: "node2" });
    for (const taken of [["logLevel"], []]) {
      expect(reloading.reload()).toMatchObject({ taken, atNextStart: ["node", "peerListen"] });
    }
    expect(levels.current).toBe("debug");
    writeConfig({});
    expect(reloading.reload()).toMatchObject({ taken: ["logLevel"], atNextStart: [] });
    expect(levels.current).toBe("info");
  });

  it("brings back the level of the configuration after another was set by hand", () => {
    levels.set("error");
    expect(reloading.reload()).toMatchObject({ taken: ["logLevel"] });
    expect(levels.current).toBe("info");
    expect(reloading.reload()).toMatchObject({ taken: [] });
  });

  it.each<[string, () => void | Promise<void>, RegExp]>([
    ["no configuration", () => rmSync(file("config.json")), /config\.json: cannot be read/],
    [
      "a configuration that cannot be parsed",
      () => writeFileSync(file("config.json"), "{"),
      /config\.json: .*it must hold one JSON object/,
    ],
    ["a wrong level", () => writeConfig({ logLevel: "loud" }), /"logLevel" is no level/],
    [
      "no certificate",
      () => rmSync(file("certificate.pem")),
      /"clientCertificate" names nothing that is there/,
    ],
    [
      "half a certificate",
      () => writeFileSync(file("certificate.pem"), authority.certificate.slice(0, 200)),
      /which holds a certificate that is cut off/,
    ],
    [
      "another certificate's key",
      () => writeFileSync(file("key.pem"), authority.key),
      /"clientKey" is .*which is not that certificate's key/,
    ],
    [
      "a key that others may read",
      () => chmodSync(file("key.pem"), 0o644),
      /"clientKey" is .*which others may read \(mode 0644\)/,
    ],
    [
      "no authority of client certificates",
      () => rmSync(file("clients.pem")),
      /"access\.clientAuthority" names nothing that is there/,
    ],
    [
      "a certificate that has expired",
      () => writePair(["localhost"], 1, Date.now() - 2 * DAY_MS),
      /"clientCertificate" is .*which expired at .*renew it, and reload again/,
    ],
  ])("of %s is refused, says why, and changes nothing", async (_, spoil, problem) => {
    await writePair(["localhost", "second.example"], 60);
    writeConfig({ logLevel: "debug" });
    await spoil();
    const answer = reloading.reload();
    expect(answer).toBeInstanceOf(Refusal);
    expect(answer).toMatchObject({
      reason: "NOT_RELOADED",
      message: expect.stringMatching(problem),
    });
    expect(reloading.last).toMatchObject({ problem: expect.stringMatching(problem) });
    expect(messages().at(-1)).toMatchObject({
      level: 40,
      msg: "not reloaded: the node goes on with what it has",
    });
    expect(levels.current).toBe("info");
    expect(await shownNames()).toBe("DNS:localhost, DNS:first.example");
    expect(certificates.list()).toMatchObject([{ daysLeft: 89 }]);
  });

  it("reads a key whose file is replaced meanwhile", async () => {
    await writePair(["localhost", "second.example"], 60);
    renameSync(file("key.pem"), file("aside.pem"));
    execFileSync("mkfifo", ["-m", "600", file("key.pem")]);
    // The path is gone before the reader has the first byte.
    const script = 'exec 3>"$1/key.pem"; rm "$1/key.pem"; cat "$1/aside.pem" >&3';
    const writer = spawn("sh", ["-c", script, "sh", folder], { stdio: "ignore" });
    expect(reloading.reload()).toMatchObject({ taken: ["clientCertificate", "clientKey"] });
    await once(writer, "close");
    expect(await shownNames()).toBe("DNS:localhost, DNS:second.example");
  });

  it("that meets an unexpected fault is refused, and ends nothing", async () => {
    await writePair(["localhost", "second.example"], 60);
    const { renew } = listener;
    const failing = () => {
      throw new Error("no such key");
    };
    Object.assign(listener, { renew: failing });
    const refusal = { reason: "NOT_RELOADED", message: expect.stringContaining("no such key") };
    expect(reloading.reload()).toMatchObject(refusal);
    expect(reloading.last).toMatchObject({ problem: expect.stringContaining("no such key") });
    Object.assign(listener, { renew });
    expect(reloading.reload()).toMatchObject({ taken: ["clientCertificate", "clientKey"] });
  });

  it("says so when the new certificate has few days left", async () => {
    await writePair(["localhost"], 20);
    reloading.reload();
    expect(messages()).toContainEqual(
      expect.objectContaining({
        level: 40,
        msg: "a certificate expires soon: renew it, and reload",
        daysLeft: 19,
      }),
    );
  });
});
