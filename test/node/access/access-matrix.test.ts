// Every call of the client listener, in each of its forms, tried by every kind of caller with every scope, over real TLS
// connections; and the page that operators read says the same.
import { readFileSync } from "node:fs";
import { Agent, request as httpsRequest } from "node:https";
import {
  create,
  type DescMethodStreaming,
  type DescMethodUnary,
  type DescService,
  toJsonString,
} from "@bufbuild/protobuf";
import type { Interceptor, Transport } from "@connectrpc/connect";
import { createAsyncIterable } from "@connectrpc/connect/protocol";
import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LedgerService } from "../../../gen/countersign/v1/ledger_service_pb.ts";
import { OperatorService } from "../../../gen/countersign/v1/operator_service_pb.ts";
import { PeerService } from "../../../gen/countersign/v1/peer_service_pb.ts";
import { Health } from "../../../gen/grpc/health/v1/health_pb.ts";
import { ServerReflection } from "../../../gen/grpc/reflection/v1/reflection_pb.ts";
import { ServerReflection as ServerReflectionAlpha } from "../../../gen/grpc/reflection/v1alpha/reflection_pb.ts";
import {
  CALL_SCOPES,
  type CallNeeds,
  hasForms,
  missingScope,
} from "../../../src/access/call-scopes.ts";
import { SCOPES, type Scope, scopeSet } from "../../../src/access/scope.ts";
import { type BodyOf, grpcBody, protoBody } from "../../../src/client/signed-reads.ts";
import { Wallet } from "../../../src/client/wallet.ts";
import { AccessControl } from "../../../src/node/access/access-control.ts";
import { AccessTokens } from "../../../src/node/access/access-tokens.ts";
import { ClientCertificates } from "../../../src/node/access/client-certificates.ts";
import { Guesses } from "../../../src/node/access/guesses.ts";
import { readKeySet } from "../../../src/node/access/key-set.ts";
import { fixedKeys } from "../../../src/node/access/key-source.ts";
import { openAuthenticator } from "../../../src/node/access/open.ts";
import { Tokens } from "../../../src/node/access/tokens.ts";
import { WalletSignatures } from "../../../src/node/access/wallet-signatures.ts";
import { sha256 } from "../../../src/node/base/crypto.ts";
import { createLog } from "../../../src/node/base/log.ts";
import { inlineChecker } from "../../../src/node/base/signature-checker.ts";
import { realSystem } from "../../../src/node/base/system.ts";
import type { AuthorizationServerConfig } from "../../../src/node/files/authorization-config.ts";
import { type Bytes, concatBytes, utf8 } from "../../../src/primitives/bytes.ts";
import { openMemoryStore } from "../../../src/storage/memory-store.ts";
import type { Authenticator } from "../../../src/transport/authenticator.ts";
import { openBounds, operatorBounds } from "../../../src/transport/caller-bounds.ts";
import {
  createDevelopmentAuthority,
  createListenerCertificate,
  LOOPBACK_HOSTS,
} from "../../../src/transport/development-certificates.ts";
import { readRefusal } from "../../../src/transport/errors.ts";
import { openOperatorTlsListener } from "../../../src/transport/operator-listener.ts";
import { PLAIN_PATHS } from "../../../src/transport/plain-paths.ts";
import { Refusal } from "../../../src/transport/refusal.ts";
import { namedSigningKey } from "../../support/operations.ts";
import { createClientCertificate } from "../../transport/client-certificate.ts";
import { type Gateway, openGateway } from "../../transport/gateway.ts";
import { networkId } from "../../transport/identities.ts";
import { transferId, walletA, walletB } from "../../transport/ledger-double.ts";
import { createOperatorDouble } from "../../transport/operator-double.ts";
import {
  AUDIENCE,
  generateServerKey,
  ISSUER,
  keySetText,
  signToken,
} from "./authorization-server.ts";

const SERVICES: readonly DescService[] = [
  LedgerService,
  PeerService,
  Health,
  ServerReflection,
  ServerReflectionAlpha,
];

const payment = { from: walletA, to: walletB, amount: 25n };
const signed = { asset: "EUR", validUntil: 1_790_000_060_000n };
const key = new Uint8Array(32).fill(7);
const signature = new Uint8Array(64).fill(1);

/** Requests of the forms; every other call is tried with an empty request. */
const REQUESTS: Readonly<Record<string, Record<string, unknown>>> = {
  "walletCreation signed": { creationId: transferId, publicKey: key, signature, ...signed },
  "walletCreation custodial": {},
  "walletCreation issued": { initialBalance: 5n, publicKey: key },
  "walletCreation issuedCustodial": { initialBalance: 5n },
  "transaction signed": { transaction: { id: transferId, ...payment, ...signed }, signature },
  "transaction custodial": { transaction: payment },
  submitTransactions: { transfers: [{ number: 1, operation: signature }] },
  cancelTransaction: {
    cancellation: { from: walletA, id: transferId, validUntil: 1_790_000_060_000n },
    signature,
  },
  getWallet: { id: walletA },
  getReceipt: { walletId: walletA },
  listEntries: { walletId: walletA },
  getBlock: { height: 7n },
  "subscribe wallet": { walletId: walletA },
  "subscribe all": {},
  "listWallets own": {},
  "listWallets all": { all: true },
};

const NODE = "node1";
/** The calls that a wallet's signature is good for, and their scope. */
const OF_OWNERS: ReadonlySet<string> = new Set([
  "GetWallet",
  "GetReceipt",
  "ListEntries",
  "Subscribe",
]);

interface Cell {
  readonly name: string;
  readonly method: DescMethodUnary | DescMethodStreaming;
  readonly needs: readonly Scope[];
  readonly request: Record<string, unknown>;
}

const CELLS: readonly Cell[] = SERVICES.flatMap(cellsOf);

function cellsOf(service: DescService): Cell[] {
  const rows: Readonly<Record<string, CallNeeds>> = {
    ...Object.entries(CALL_SCOPES).find(([name]) => name === service.typeName)?.[1],
  };
  return Object.entries(rows).flatMap(([call, needs]) => {
    const method = service.method[call] as DescMethodUnary | DescMethodStreaming | undefined;
    if (method === undefined) throw new Error(`${service.typeName} has no call ${call}`);
    const forms = hasForms(needs) ? Object.entries(needs) : [["", needs] as const];
    return forms.map(([form, scopes]) => {
      const name = form === "" ? call : `${call} ${form}`;
      const request = REQUESTS[name] ?? {};
      return { name: `${service.typeName} ${name}`, method, needs: scopes, request };
    });
  });
}

interface Party {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly shows: "nothing" | "token" | "certificate" | "accessToken" | "signature";
  /** Of either kind. */
  readonly token?: string;
  /** Signs each request. */
  readonly wallet?: Wallet;
  readonly certificate?: { readonly cert: string; readonly key: string };
}

/** With no scope, with each alone, and with all. */
const GRANTS: readonly (readonly Scope[])[] = [[], ...SCOPES.map((scope) => [scope]), [...SCOPES]];

const SERVER: AuthorizationServerConfig = {
  issuer: ISSUER,
  audience: AUDIENCE,
  jwks: { file: "keys.json" },
  algorithms: ["ES256"],
  types: ["at+jwt"],
  scopeClaim: "scope",
  meaning: { prefix: "countersign:" },
  clockToleranceMs: 0,
};

let open: Gateway;
let guarded: Gateway;
let readable: Gateway;
let operator: { readonly url: string; readonly ca: string };
const parties: Party[] = [];
const closing: (() => Promise<unknown>)[] = [];

/** Adds a party that signs with the key of a wallet. */
function addOwner(): WalletSignatures {
  const key = namedSigningKey("the owner of a wallet");
  const wallet = new Wallet({ networkId, hash: sha256, key, creationId: transferId });
  parties.push({ name: "a wallet's owner", scopes: [], shows: "signature", wallet });
  return new WalletSignatures({
    networkId,
    node: NODE,
    wallets: { keyOf: (id) => (id === wallet.id ? wallet.publicKey : undefined) },
    checker: inlineChecker,
    system: realSystem,
  });
}

beforeAll(async () => {
  const authority = await createDevelopmentAuthority({ now: Date.now(), days: 2 });
  const log = createLog("test", "silent");
  const store = await openMemoryStore({ identity: { networkId } });
  const tokens = await Tokens.open({ records: store.tokens, system: realSystem, log });
  const scopes = new Map<string, readonly Scope[]>();
  for (const [number, granted] of GRANTS.entries()) {
    const commonName = `holder ${number}`;
    scopes.set(commonName, granted);
    const { certificate: cert, key } = await createClientCertificate(authority, {
      subject: `CN=${commonName}`,
    });
    parties.push({
      name: `a certificate with ${granted.join(", ") || "no scope"}`,
      scopes: granted,
      shows: "certificate",
      certificate: { cert, key },
    });
    if (granted.length === 0) continue;
    const made = await tokens.create(
      { name: `holder-${number}`, scopes: granted, further: false },
      async () => undefined,
    );
    if (made instanceof Refusal) throw new Error(made.message);
    const name = `a token with ${granted.join(", ")}`;
    parties.push({ name, scopes: granted, shows: "token", token: made.text });
  }
  const accessTokens = await addAccessTokens();
  parties.push({ name: "a caller without a credential", scopes: [], shows: "nothing" });
  const signatures = addOwner();
  const certificates = new ClientCertificates({ scopes, system: realSystem });
  const ways = [tokens, accessTokens, signatures, certificates];
  const control = (publicReads: boolean): Authenticator =>
    new AccessControl({ ways, guesses: new Guesses(realSystem.monotonic), publicReads });
  const clientAuthority = authority.certificate;
  open = await openGateway({ authenticator: openAuthenticator });
  guarded = await openGateway({ authenticator: control(false), clientAuthority });
  readable = await openGateway({ authenticator: control(true), clientAuthority });
  const leaf = await createListenerCertificate(authority, LOOPBACK_HOSTS, {
    now: Date.now(),
    days: 1,
  });
  const listener = await openOperatorTlsListener({
    host: "127.0.0.1",
    port: 0,
    ...leaf,
    clientAuthority,
    authenticator: control(false),
    api: createOperatorDouble(),
    audit: { called: async () => undefined },
    notReadyBecause: () => undefined,
    // Each party has a connection of its own.
    bounds: {
      ...operatorBounds(realSystem.monotonic),
      anonymous: openBounds(realSystem.monotonic, 600).anonymous,
      door: openBounds(realSystem.monotonic, 600).door,
    },
    log,
    onFailure: () => undefined,
  });
  operator = { url: `https://127.0.0.1:${listener.port}`, ca: clientAuthority };
  closing.push(() => listener.close(100));
  closing.push(
    () => open.close(),
    () => guarded.close(),
    () => readable.close(),
    () => store.close(),
  );
}, 180_000);

/** Parties with access tokens, and the way by which these hold. */
async function addAccessTokens(): Promise<AccessTokens> {
  const key = await generateServerKey("first");
  const keySet = readKeySet(keySetText(key));
  if (typeof keySet === "string") throw new Error(keySet);
  for (const [number, granted] of GRANTS.entries()) {
    const scope = ["openid", ...granted.map((one) => `countersign:${one}`)].join(" ");
    const claims = { sub: `holder ${number}`, scope };
    parties.push({
      name: `an access token with ${granted.join(", ") || "no scope"}`,
      scopes: granted,
      shows: "accessToken",
      token: await signToken(key, { now: Date.now(), claims }),
    });
  }
  const accessTokens = new AccessTokens({ system: realSystem, log: createLog("test", "silent") });
  accessTokens.use([{ config: SERVER, source: fixedKeys(keySet) }]);
  return accessTokens;
}

afterAll(async () => {
  for (const close of closing) await close();
});

/** "in", or the reason of a refusal by authorisation with the scope that it names. */
async function outcome(transport: Transport, { method, request }: Cell): Promise<string> {
  const end = new AbortController();
  const message = create(method.input, request);
  try {
    if (isUnary(method)) {
      await transport.unary(method, end.signal, 10_000, undefined, message);
      return "in";
    }
    const answers = await transport.stream(method, end.signal, 10_000, undefined, once(message));
    for await (const _ of answers.message) break;
    return "in";
  } catch (error) {
    const refusal = readRefusal(error);
    if (refusal === undefined) throw error;
    return outcomeOf(refusal.reason, refusal.metadata["scope"]);
  } finally {
    end.abort();
  }
}

function isUnary(method: DescMethodUnary | DescMethodStreaming): method is DescMethodUnary {
  return method.methodKind === "unary";
}

async function* once<T>(message: T): AsyncGenerator<T> {
  yield message;
}

function outcomeOf(reason: string, scope: string | undefined): string {
  if (reason === "UNAUTHENTICATED") return scope === undefined ? reason : `${reason} ${scope}`;
  return reason === "PERMISSION_DENIED" && scope !== undefined ? `${reason} ${scope}` : "in";
}

function expected({ shows, scopes }: Party, extra: readonly Scope[], { method, needs }: Cell) {
  const isSigned = shows === "signature";
  const isOwners = isSigned && method.parent === LedgerService && OF_OWNERS.has(method.name);
  const own = isOwners ? (["read"] as const) : scopes;
  const caller = { principal: "any", scopes: scopeSet([...own, ...extra]) };
  const missing = missingScope(caller, needs);
  if (missing !== undefined) {
    return shows === "nothing" ? "UNAUTHENTICATED" : `PERMISSION_DENIED ${missing}`;
  }
  // A signature is over one body, which a stream of requests does not have.
  return isSigned && needs.length > 0 && asksOften(method) ? "UNAUTHENTICATED" : "in";
}

function asksOften({ methodKind }: Cell["method"]): boolean {
  return methodKind === "client_streaming" || methodKind === "bidi_streaming";
}

/** Of a call, in the protocol whose bodies `bodyOf` knows. */
function signatureOf(wallet: Wallet, method: Cell["method"], body: Bytes): string {
  const call = `${method.parent.typeName}/${method.name}`;
  return wallet.signRead({ node: NODE, call, body, signedAt: Date.now() });
}

function optionsOf(
  place: { readonly url: string; readonly ca: string },
  party: Party,
  bodyOf: BodyOf,
) {
  const { token, certificate, wallet } = party;
  const show: Interceptor = (next) => async (request) => {
    if (token !== undefined) request.header.set("authorization", `Bearer ${token}`);
    if (wallet === undefined) return await next(request);
    const { input } = request.method;
    const messages = request.stream ? await Array.fromAsync(request.message) : [request.message];
    const body = concatBytes(...messages.map((message) => bodyOf(input, message)));
    request.header.set("authorization", signatureOf(wallet, request.method, body));
    if (!request.stream) return await next(request);
    return await next({ ...request, message: createAsyncIterable(messages) });
  };
  return {
    baseUrl: place.url,
    nodeOptions: { ca: place.ca, ...certificate },
    interceptors: [show],
  };
}

function outcomes(gateway: Gateway, party: Party): Promise<Record<string, string>> {
  return outcomesOf(createGrpcTransport(optionsOf(gateway, party, grpcBody)), CELLS);
}

async function outcomesOf(transport: Transport, cells: readonly Cell[]) {
  const found: Record<string, string> = {};
  for (const cell of cells) found[cell.name] = await outcome(transport, cell);
  return found;
}

function table(of: (cell: Cell) => string, cells = CELLS): Record<string, string> {
  return Object.fromEntries(cells.map((cell) => [cell.name, of(cell)]));
}

describe("T14: the matrix of calls and scopes", () => {
  it("has a row for every call that a listener serves, and no other", () => {
    const served = SERVICES.flatMap(({ typeName, methods }) =>
      methods.map(({ localName }) => `${typeName} ${localName}`),
    ).filter((name) => {
      return !name.startsWith(PeerService.typeName) || /(register|verification)$/.test(name);
    });
    const rows = Object.entries(CALL_SCOPES)
      .filter(([service]) => SERVICES.some(({ typeName }) => typeName === service))
      .flatMap(([service, calls]) => Object.keys(calls).map((call) => `${service} ${call}`));
    expect(rows.sort()).toEqual(served.sort());
  });

  it("lets the open caller of a node without authorisation make every call", async () => {
    const party = { name: "open", scopes: SCOPES, shows: "nothing" } as const;
    expect(await outcomes(open, party)).toEqual(table(() => "in"));
  });

  it("holds for each caller, scope and call", async () => {
    expect(parties).toHaveLength(3 * GRANTS.length + 1);
    for (const party of parties) {
      const cells = table((cell) => expected(party, [], cell));
      expect(await outcomes(guarded, party), party.name).toEqual(cells);
    }
  });

  it("opens the reads to everyone where publicReads is set, and nothing else", async () => {
    const extra = ["read", "read:all"] as const;
    for (const party of parties) {
      const cells = table((cell) => expected(party, extra, cell));
      expect(await outcomes(readable, party), party.name).toEqual(cells);
    }
  });

  it("holds for the operator's calls, at an address", async () => {
    const cells = cellsOf(OperatorService);
    for (const party of parties) {
      const { nodeOptions, ...options } = optionsOf(operator, party, protoBody);
      const agent = new Agent({ keepAlive: true });
      const transport = createConnectTransport({
        ...options,
        httpVersion: "1.1",
        nodeOptions: { ...nodeOptions, agent },
      });
      const wanted = table((cell) => expected(party, [], cell), cells);
      expect(await outcomesOf(transport, cells), party.name).toEqual(wanted);
      agent.destroy();
    }
  });

  it("holds for the plain paths, over HTTP/1.1", async () => {
    const samples: [string, Cell][] = [...PLAIN_PATHS].map(([path, { rpc }]) => {
      const cell = CELLS.find(({ method }) => method === rpc);
      if (cell === undefined) throw new Error(`${path} has no row`);
      return [path, cell];
    });
    for (const party of parties) {
      for (const [path, cell] of samples) {
        const found = await plainOutcome(guarded, party, path, cell);
        expect(found, `${party.name} ${path}`).toBe(expected(party, [], cell));
      }
    }
  });

  it("is the table of docs/access.md", () => {
    const page = readFileSync(new URL("../../../docs/access.md", import.meta.url), "utf8");
    const rows = [...page.matchAll(/^\| `([\w.]+)` \| `(\w+)` \| (?:`(\w+)`)? ?\| (.+) \|$/gm)];
    const written = rows.map(([, service, call, form, scopes = ""]) => [
      [service, call, form].filter((part) => part !== undefined).join(" "),
      scopes === "everyone" ? [] : scopes.split(", ").map((scope) => scope.replaceAll("`", "")),
    ]);
    expect(Object.fromEntries(written)).toEqual(
      Object.fromEntries(
        [...CELLS, ...cellsOf(OperatorService)].map(({ name, needs }) => [name, [...needs]]),
      ),
    );
    for (const scope of SCOPES) expect(page).toContain(`| \`${scope}\` | `);
  });
});

function plainOutcome(
  { url, ca }: Gateway,
  { token, certificate, wallet }: Party,
  path: string,
  { method, request }: Cell,
): Promise<string> {
  const verb = PLAIN_PATHS.get(path)?.verb ?? "GET";
  const body = verb === "GET" ? "" : toJsonString(method.input, create(method.input, request));
  const headers = {
    ...(verb === "POST" && { "content-type": "application/json" }),
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...(wallet !== undefined && { authorization: signatureOf(wallet, method, utf8(body)) }),
  };
  return new Promise((resolve, reject) => {
    const call = httpsRequest(
      `${url}${path}`,
      { method: verb, ca, ...certificate, headers, agent: false },
      (answer) => {
        const chunks: Uint8Array[] = [];
        answer.on("data", (chunk: Uint8Array) => chunks.push(chunk));
        answer.on("end", () => {
          const json = JSON.parse(Buffer.concat(chunks).toString()) as {
            readonly details?: readonly { readonly debug: RefusalDetail }[];
          };
          const { reason = "", metadata } = json.details?.[0]?.debug ?? {};
          const isDenied = answer.statusCode === 401 || answer.statusCode === 403;
          const found = outcomeOf(reason, metadata?.["scope"]);
          if (isDenied === (found === "in")) reject(new Error(`${answer.statusCode} ${reason}`));
          const challenge = answer.headers["www-authenticate"];
          if ((answer.statusCode === 401) !== (challenge === 'Bearer realm="countersign"')) {
            reject(new Error(`${answer.statusCode} with ${challenge}`));
          }
          resolve(found);
        });
      },
    );
    call.on("error", reject);
    call.end(body);
  });
}

interface RefusalDetail {
  readonly reason?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}
