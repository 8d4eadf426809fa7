/**
 * The attacked network: two real processes with TLS and a store, of which the attacked one asks for credentials. Every block
 * needs both, so a payment proves that the attacked one works. It can be asked for its memory after a garbage collection.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { Wait } from "../../../gen/countersign/v1/types_pb.ts";
import type { Scope } from "../../../src/access/scope.ts";
import { type OperatorCalls, withOperatorOf } from "../../../src/cli/operator-access.ts";
import { createGatewayClient, type GatewayClient } from "../../../src/client/gateway-client.ts";
import { Wallet } from "../../../src/client/wallet.ts";
import { networkIdOf } from "../../../src/ledger/genesis.ts";
import { sha256 } from "../../../src/node/base/crypto.ts";
import { loadConfig } from "../../../src/node/files/config.ts";
import { loadGenesis } from "../../../src/node/files/genesis-file.ts";
import { parseUuid, type WalletId } from "../../../src/primitives/ids.ts";
import { createAuthority } from "../../../src/transport/certificate-authority.ts";
import type { CertificateAndKey } from "../../../src/transport/certificate-keys.ts";
import { heapProbe, liveHeaps } from "../../attack/heap.ts";
import { residentMib } from "../../attack/readings.ts";
import { Devnet, type DevnetPlace, leavePlace, newPlace } from "../../support/devnet.ts";
import { freePort } from "../../support/free-ports.ts";
import { namedSigningKey, namedUuid, randomUuid } from "../../support/operations.ts";
import type { Secret } from "../../support/secret-search.ts";
import { createClientCertificate } from "../../transport/client-certificate.ts";
import { TokenServer } from "./access-tokens.ts";
import {
  bearer,
  brokenTokens,
  type Credential,
  forgedTokens,
  misplacedTokens,
  NOTHING,
  withCertificate,
} from "./credentials.ts";
import type { Words } from "./messages.ts";
import { brokenSignedReads, type Owner, signedReadOf } from "./signed-reads.ts";

const ATTACKED = 0;
const OTHER = 1;
const DAYS = 10;
const DAY_MS = 86_400_000;
const PATIENCE_MS = 60_000;
const MONEY = 1_000_000n;
/** From the rich wallet to the first owner's. */
const PAYMENT = namedUuid("the payment to an owner");

/** MiB. */
export interface Memory {
  readonly resident: number;
  /** In use after a garbage collection. */
  readonly live: number;
}

export class Target {
  readonly place: DevnetPlace;
  readonly net: Devnet;
  readonly ports: { readonly client: number; readonly operator: number; readonly peer: number };
  /** Credentials that give no right to any call but those that are open to everyone. */
  readonly worthless: readonly Credential[];
  /** Credentials that hold, and give some rights. */
  readonly weak: readonly Credential[];
  /** Texts of tokens that hold, the node's own and those of an authorization server. */
  readonly tokens: ReadonlyMap<string, string>;
  readonly authority: CertificateAndKey;
  readonly wallets: Wallets;
  readonly #treasury: GatewayClient;

  private constructor(parts: Omit<Made, "treasury"> & Pick<Made, "treasury">) {
    this.place = parts.place;
    this.net = parts.net;
    this.ports = parts.ports;
    this.worthless = parts.worthless;
    this.weak = parts.weak;
    this.tokens = parts.tokens;
    this.authority = parts.authority;
    this.wallets = parts.wallets;
    this.#treasury = parts.treasury;
    this.words = this.#wordsOf();
  }

  /** `envOf`: what the processes get, from the folder of the network; by default the probe of their memory. */
  static async start(envOf: (home: string) => Record<string, string> = heapProbe): Promise<Target> {
    const empty = await newPlace(2);
    const place = { ...empty, env: envOf(empty.home) };
    try {
      return new Target(await makeTarget(place, await Devnet.start(place)));
    } catch (error) {
      await leavePlace(place);
      throw error;
    }
  }

  get pid(): number {
    return this.net.pidOf(ATTACKED);
  }

  get socket(): string {
    return join(this.net.node(ATTACKED).folder, "operator.sock");
  }

  /** All output of both nodes. */
  get output(): string {
    return this.net.logs;
  }

  async memory(): Promise<Memory> {
    const [live = Number.NaN] = await liveHeaps(this.place.home, [this.pid]);
    return { live, resident: residentMib(this.pid) };
  }

  /** Those that no answer and no log may hold. */
  get secrets(): Secret[] {
    const tokens = [...this.tokens].map(([name, text]) => ({
      name: `the token ${name}`,
      // Of an access token the signature alone: its claims are words that answers have too.
      bytes: Buffer.from(text.slice(text.lastIndexOf(".") + 1)),
    }));
    const passphrase = readFileSync(join(this.net.node(ATTACKED).folder, "passphrase"));
    return [...tokens, { name: "the passphrase", bytes: passphrase }];
  }

  /** Values that the node knows, for requests that get far. Those of an operator may revoke the token that is named here. */
  readonly words: Words;
  #wordsOf(): Words {
    const { rich, poor, owned } = this.wallets;
    const genesis = loadGenesis(this.net.genesisFile);
    const keys = genesis.validators.flatMap(({ identityKey, custodyKey }) => [
      identityKey,
      custodyKey,
    ]);
    return {
      texts: [rich, poor, ...owned, PAYMENT, "EUR", "operator-2", "revoked", "info"],
      bytes: [networkIdOf(sha256, genesis), ...keys, new Uint8Array(64).fill(1)],
    };
  }

  /** A payment through the attacked node, sealed. */
  async pay(): Promise<void> {
    const { rich: from, poor: to } = this.wallets;
    const transaction = { from, to, amount: 1n };
    const order = { transaction, wait: Wait.SEALED };
    await this.#treasury.calls.transaction(order, { timeoutMs: PATIENCE_MS });
  }

  async balance(wallet: "rich" | "poor"): Promise<bigint> {
    const { calls } = this.#treasury;
    const answer = await calls.getWallet({ id: this.wallets[wallet] }, { timeoutMs: PATIENCE_MS });
    return answer.wallet?.balance ?? -1n;
  }

  /** State root and final height, in one text: the same one means that nothing was ordered in between. */
  async state(): Promise<string> {
    const status = await this.#treasury.calls.getStatus({}, { timeoutMs: PATIENCE_MS });
    return `${status.height} ${Buffer.from(status.stateRoot).toString("hex")}`;
  }

  operator<T>(use: (calls: OperatorCalls) => Promise<T>): Promise<T> {
    return withOperatorOf("test", loadConfig(this.net.node(ATTACKED).configFile), use);
  }

  /** Starts the attacked node, which has ended; settles when it pays. */
  async startAgain(): Promise<void> {
    await this.net.restart(ATTACKED);
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      const status = await this.#treasury.calls.getStatus({}).catch(() => undefined);
      if (status?.ready === true) break;
      if (performance.now() > deadline) throw new Error("the node is not ready");
      await setTimeout(50);
    }
    await this.pay();
  }

  async close(): Promise<void> {
    this.#treasury.close();
    await this.net.stop();
    await leavePlace(this.place);
  }
}

/** Custodial ones of the treasury, and those of two owners who keep their keys. */
interface Wallets {
  readonly rich: WalletId;
  readonly poor: WalletId;
  readonly owned: readonly WalletId[];
}

interface Made {
  readonly place: DevnetPlace;
  readonly net: Devnet;
  readonly ports: Target["ports"];
  readonly worthless: readonly Credential[];
  readonly weak: readonly Credential[];
  readonly tokens: ReadonlyMap<string, string>;
  readonly authority: CertificateAndKey;
  readonly wallets: Target["wallets"];
  readonly treasury: GatewayClient;
}

const CLIENT_SCOPES = { reader: ["read"], scraper: ["metrics"] } as const;
const TOKENS: Readonly<Record<string, readonly Scope[]>> = {
  treasury: ["read", "custody", "issue"],
  reader: ["read"],
  "reader-of-all": ["read:all"],
  submitter: ["submit"],
  custodian: ["custody"],
  scraper: ["metrics"],
  "operator-1": ["operate"],
  "operator-2": ["operate"],
};

async function makeTarget(place: DevnetPlace, net: Devnet): Promise<Made> {
  const authority = await createAuthority("clients", { now: Date.now(), days: DAYS });
  const server = await TokenServer.open();
  const ports = await askForCredentials(place, net, { authority: authority.certificate, server });
  const tokens = new Map<string, string>();
  const spoilt = await onNode(net, ATTACKED, async (calls) => {
    for (const [name, scopes] of Object.entries(TOKENS)) {
      const { text } = await calls.createToken({ name, scopes: [...scopes] });
      tokens.set(name, text);
    }
    const all = [...new Set(Object.values(TOKENS).flat())];
    const revoked = await calls.createToken({ name: "revoked", scopes: all });
    await calls.revokeToken({ token: "revoked" });
    const expiresAt = BigInt(Date.now() + 1_000);
    const expired = await calls.createToken({ name: "expired", scopes: all, expiresAt });
    await setTimeout(Number(expiresAt) - Date.now() + 100);
    return { revoked: revoked.text, expired: expired.text };
  });
  const foreign = await onNode(net, OTHER, (calls) =>
    calls.createToken({ name: "treasury", scopes: [...(TOKENS["treasury"] ?? [])] }),
  );
  const { url } = net.node(ATTACKED);
  const treasury = createGatewayClient({
    baseUrl: url,
    ca: net.ca,
    token: tokens.get("treasury"),
  });
  const owners = [ownerOf(net, "an owner"), ownerOf(net, "another owner")] as const;
  const submitter = createGatewayClient({
    baseUrl: url,
    ca: net.ca,
    token: tokens.get("submitter"),
  });
  for (const { wallet } of owners) await createOwned(submitter, wallet);
  submitter.close();
  const [rich, poor] = [await walletOf(treasury, MONEY), await walletOf(treasury, 0n)];
  const wallets = { rich, poor, owned: owners.map(({ wallet }) => wallet.id) };
  await payTo(treasury, { from: rich, to: owners[0].wallet.id });
  const granted = await server.granted();
  for (const { name, text } of granted) tokens.set(name, text);
  const held = tokens.get("treasury") ?? "";
  const worthless = [
    NOTHING,
    bearer("a revoked token", spoilt.revoked),
    bearer("an expired token", spoilt.expired),
    bearer("a token of another node", foreign.text),
    ...brokenTokens(held),
    ...misplacedTokens("a token", held),
    ...forgedTokens(),
    ...(await worthlessCertificates(authority)),
    ...(await server.worthless()),
    ...brokenSignedReads(owners[0], [rich, owners[1].wallet.id]),
  ];
  const weak = [
    ...Object.entries(TOKENS)
      .filter(([name]) => name !== "treasury")
      .map(([name, scopes]) => bearer(`the token ${name}`, tokens.get(name) ?? "", scopes)),
    ...(await weakCertificates(authority)),
    ...granted.map(({ name, text, scopes }) => bearer(name, text, scopes)),
    signedReadOf("a signed read of a wallet with a payment", owners[0]),
    signedReadOf("a signed read of a wallet without money", owners[1]),
  ];
  return { place, net, ports, worthless, weak, tokens, authority, wallets, treasury };
}

/** Starts the attacked node again with authorisation, and with an address for its operator. */
async function askForCredentials(
  place: DevnetPlace,
  net: Devnet,
  { authority, server }: { readonly authority: string; readonly server: TokenServer },
): Promise<Target["ports"]> {
  const { configFile } = net.node(ATTACKED);
  const operator = await freePort(1);
  const clientAuthority = join(place.home, "clients.pem");
  writeFileSync(clientAuthority, authority);
  const keySet = join(place.home, "keys.json");
  writeFileSync(keySet, server.keySet);
  const kept: Record<string, string> = JSON.parse(readFileSync(configFile, "utf8"));
  const changed = {
    ...kept,
    operatorListen: [`127.0.0.1:${operator}`, "unix:operator.sock"],
    access: {
      clientAuthority,
      clientScopes: CLIENT_SCOPES,
      authorizationServers: [server.configFor(keySet)],
    },
  };
  await net.kill(ATTACKED);
  writeFileSync(configFile, JSON.stringify(changed));
  await net.restart(ATTACKED);
  const { clientListen, peerListen } = loadConfig(configFile);
  return { client: clientListen.port, operator, peer: peerListen.port };
}

function onNode<T>(net: Devnet, index: number, use: (calls: OperatorCalls) => Promise<T>) {
  return withOperatorOf("test", loadConfig(net.node(index).configFile), use);
}

async function walletOf(client: GatewayClient, initialBalance: bigint): Promise<WalletId> {
  const money = initialBalance === 0n ? {} : { initialBalance };
  const { wallet } = await client.calls.walletCreation(money, { timeoutMs: PATIENCE_MS });
  const id = parseUuid(wallet?.id ?? "");
  if (id === undefined) throw new Error("a wallet was created without an answer");
  return id;
}

function ownerOf(net: Devnet, name: string): Owner {
  const genesis = loadGenesis(net.genesisFile);
  const [networkId, key] = [networkIdOf(sha256, genesis), namedSigningKey(name)];
  const wallet = new Wallet({ networkId, hash: sha256, key, creationId: randomUuid() });
  const node = genesis.validators[ATTACKED]?.id ?? "";
  return { networkId, key, wallet, node };
}

async function createOwned({ calls }: GatewayClient, wallet: Wallet): Promise<void> {
  const order = wallet.create({ asset: "EUR", validUntil: Date.now() + PATIENCE_MS });
  await calls.walletCreation(order, { timeoutMs: PATIENCE_MS });
}

async function payTo(
  { calls }: GatewayClient,
  { from, to }: { readonly from: WalletId; readonly to: WalletId },
): Promise<void> {
  const order = { transaction: { from, to, amount: 1n, id: PAYMENT }, wait: Wait.SEALED };
  await calls.transaction(order, { timeoutMs: PATIENCE_MS });
}

async function worthlessCertificates(authority: CertificateAndKey): Promise<Credential[]> {
  const stranger = await createAuthority("clients", { now: Date.now(), days: DAYS });
  const [now, subject] = [Date.now(), "CN=reader"];
  const made = (from: CertificateAndKey, more: object = {}) =>
    createClientCertificate(from, { subject, ...more });
  const past = { from: now - 2 * DAY_MS, to: now - DAY_MS };
  const future = { from: now + DAY_MS, to: now + 2 * DAY_MS };
  return [
    withCertificate("a certificate of another authority of the same name", await made(stranger)),
    withCertificate("a certificate that has expired", await made(authority, past)),
    withCertificate("a certificate that is not valid yet", await made(authority, future)),
    withCertificate("a certificate for servers", await made(authority, { purpose: "server" })),
    withCertificate(
      "a certificate whose name has no scopes",
      await made(authority, { subject: "CN=other" }),
    ),
    withCertificate(
      "a certificate with two names",
      await made(authority, { subject: "CN=reader, CN=scraper" }),
    ),
    withCertificate(
      "a certificate with a name in capitals",
      await made(authority, { subject: "CN=READER" }),
    ),
    withCertificate("a certificate without a name", await made(authority, { subject: "O=reader" })),
  ];
}

async function weakCertificates(authority: CertificateAndKey): Promise<Credential[]> {
  const entries = Object.entries(CLIENT_SCOPES);
  return await Promise.all(
    entries.map(async ([name, scopes]) => {
      const pair = await createClientCertificate(authority, { subject: `CN=${name}` });
      return withCertificate(`the certificate ${name}`, pair, scopes);
    }),
  );
}
