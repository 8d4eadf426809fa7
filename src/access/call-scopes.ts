/**
 * The one table of scopes (T14): every call that a listener for callers serves, and the scopes that it needs. A
 * listener does not open if one of its calls has no row, and the transport does not compile without the rows of its
 * services.
 */
import type { Caller } from "./principal.ts";
import { type Scope, scopeSet } from "./scope.ts";

/** The caller needs all of these. If the list is empty, the call is open to everyone and ignores credentials. */
export type Needs = readonly Scope[];

/** The forms of a call, which its request decides, each with the scopes it needs. */
export type FormNeeds = Readonly<Record<string, Needs>>;

export type CallNeeds = Needs | FormNeeds;

const EVERYONE: Needs = [];

export const CALL_SCOPES = {
  "countersign.v1.LedgerService": {
    walletCreation: {
      /** Signed by the wallet's key, or by an issuer. */
      signed: ["submit"],
      /** A custodial wallet without money. */
      custodial: ["custody"],
      /** Money into a wallet whose key its owner keeps. */
      issued: ["issue"],
      /** Money into a custodial wallet. */
      issuedCustodial: ["issue", "custody"],
    },
    transaction: { signed: ["submit"], custodial: ["custody"] },
    /** All of them are signed. */
    submitTransactions: ["submit"],
    /** Signed, too. */
    cancelTransaction: ["submit"],
    /** Of one's own wallets; see FOREIGN_WALLETS. */
    getWallet: ["read"],
    getReceipt: ["read"],
    listEntries: ["read"],
    /** Headers name no wallet, and every receipt has some. */
    listBlocks: ["read"],
    getBlock: ["read:all"],
    listTransactions: ["read:all"],
    listWallets: {
      /** Custodial wallets of this gateway that it had created for the caller. */
      own: ["read"],
      all: ["read:all"],
    },
    /** Of one of one's own wallets, or of the whole ledger. */
    subscribe: { wallet: ["read"], all: ["read:all"] },
    listPeers: ["read"],
    getNetwork: EVERYONE,
    getStatus: ["read"],
  },
  "countersign.v1.PeerService": {
    /** A signature in the body of both proves which member sent them. */
    register: EVERYONE,
    verification: EVERYONE,
  },
  "countersign.v1.OperatorService": {
    getNodeStatus: ["operate"],
    setLogLevel: ["operate"],
    reload: ["operate"],
    drain: ["operate"],
    listPeers: ["operate"],
    listEvidence: ["operate"],
    getEvidence: ["operate"],
    createToken: ["operate"],
    listTokens: ["operate"],
    revokeToken: ["operate"],
    /** At an address also `read:all` (src/node/operator/webhook-desk.ts): the endpoint is shown what that scope shows. */
    addWebhook: ["operate"],
    listWebhooks: ["operate"],
    removeWebhook: ["operate"],
    redeliverWebhook: ["operate"],
    /** These on the socket alone (src/node/operator/backup-desk.ts). */
    beginBackup: ["operate"],
    readBackup: ["operate"],
    endBackup: ["operate"],
    getUpgrade: ["operate"],
    approveRuleset: ["operate"],
  },
  "grpc.health.v1.Health": { check: EVERYONE, list: EVERYONE, watch: EVERYONE },
  "grpc.reflection.v1.ServerReflection": { serverReflectionInfo: ["read"] },
  "grpc.reflection.v1alpha.ServerReflection": { serverReflectionInfo: ["read"] },
} as const satisfies Readonly<Record<string, Readonly<Record<string, CallNeeds>>>>;

/** The calls that read one wallet by its id: a signature by its key is good for them alone, and gives the scope `read`. */
export const SIGNED_READS = [
  "countersign.v1.LedgerService/GetWallet",
  "countersign.v1.LedgerService/GetReceipt",
  "countersign.v1.LedgerService/ListEntries",
  "countersign.v1.LedgerService/Subscribe",
] as const;

/** The scopes of a wallet's signature at a call, by the full name of the call. */
export function scopesOfSignedRead(call: string): ReadonlySet<Scope> {
  return scopeSet(SIGNED_READS.some((read) => read === call) ? ["read"] : []);
}

/** Pages that load balancers ask for, which show no credential. */
export const PROBE_PAGES: ReadonlySet<string> = new Set(["/healthz", "/readyz"]);

/** The pages of the operator's listener, and those of the explorer at the client listener, by path. */
export const PAGE_SCOPES: Readonly<Record<string, Needs>> = {
  "/metrics": ["metrics"],
  "/healthz": EVERYONE,
  "/readyz": EVERYONE,
  /** The files of the explorer say nothing of this network; its calls need the scopes above. */
  "/": EVERYONE,
  "/explorer.js": EVERYONE,
  "/explorer.css": EVERYONE,
  "/explorer.svg": EVERYONE,
  /** Public, like the answer to GetNetwork. */
  "/genesis.json": EVERYONE,
};

/** Without this scope, wallets of others look as if they did not exist. */
export const FOREIGN_WALLETS: Scope = "read:all";

export function readsForeignWallets({ scopes }: Caller): boolean {
  return scopes.has(FOREIGN_WALLETS);
}

/** The scopes of a call, by the full name of its service and its own name in the generated code. */
export function needsOfCall(service: string, call: string): CallNeeds | undefined {
  const services: Readonly<Record<string, Readonly<Record<string, CallNeeds>>>> = CALL_SCOPES;
  if (!Object.hasOwn(services, service)) return undefined;
  const calls = services[service] ?? {};
  return Object.hasOwn(calls, call) ? calls[call] : undefined;
}

export function hasForms(needs: CallNeeds): needs is FormNeeds {
  return !Array.isArray(needs);
}

/** The first needed scope that the caller lacks. */
export function missingScope({ scopes }: Caller, needs: Needs): Scope | undefined {
  return needs.find((scope) => !scopes.has(scope));
}
