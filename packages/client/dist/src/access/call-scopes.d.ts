/**
 * The one table of scopes (T14): every call that a listener for callers serves, and the scopes that it needs. A
 * listener does not open if one of its calls has no row, and the transport does not compile without the rows of its
 * services.
 */
import type { Caller } from "./principal.ts";
import { type Scope } from "./scope.ts";
/** The caller needs all of these. If the list is empty, the call is open to everyone and ignores credentials. */
export type Needs = readonly Scope[];
/** The forms of a call, which its request decides, each with the scopes it needs. */
export type FormNeeds = Readonly<Record<string, Needs>>;
export type CallNeeds = Needs | FormNeeds;
export declare const CALL_SCOPES: {
    readonly "countersign.v1.LedgerService": {
        readonly walletCreation: {
            /** Signed by the wallet's key, or by an issuer. */
            readonly signed: readonly ["submit"];
            /** A custodial wallet without money. */
            readonly custodial: readonly ["custody"];
            /** Money into a wallet whose key its owner keeps. */
            readonly issued: readonly ["issue"];
            /** Money into a custodial wallet. */
            readonly issuedCustodial: readonly ["issue", "custody"];
        };
        readonly transaction: {
            readonly signed: readonly ["submit"];
            readonly custodial: readonly ["custody"];
        };
        /** All of them are signed. */
        readonly submitTransactions: readonly ["submit"];
        /** Signed, too. */
        readonly cancelTransaction: readonly ["submit"];
        /** Of one's own wallets; see FOREIGN_WALLETS. */
        readonly getWallet: readonly ["read"];
        readonly getReceipt: readonly ["read"];
        readonly listEntries: readonly ["read"];
        /** Headers name no wallet, and every receipt has some. */
        readonly listBlocks: readonly ["read"];
        readonly getBlock: readonly ["read:all"];
        readonly listTransactions: readonly ["read:all"];
        readonly listWallets: {
            /** Custodial wallets of this gateway that it had created for the caller. */
            readonly own: readonly ["read"];
            readonly all: readonly ["read:all"];
        };
        /** Of one of one's own wallets, or of the whole ledger. */
        readonly subscribe: {
            readonly wallet: readonly ["read"];
            readonly all: readonly ["read:all"];
        };
        readonly listPeers: readonly ["read"];
        readonly getNetwork: Needs;
        readonly getStatus: readonly ["read"];
    };
    readonly "countersign.v1.PeerService": {
        /** A signature in the body of both proves which member sent them. */
        readonly register: Needs;
        readonly verification: Needs;
    };
    readonly "countersign.v1.OperatorService": {
        readonly getNodeStatus: readonly ["operate"];
        readonly setLogLevel: readonly ["operate"];
        readonly reload: readonly ["operate"];
        readonly drain: readonly ["operate"];
        readonly listPeers: readonly ["operate"];
        readonly listEvidence: readonly ["operate"];
        readonly getEvidence: readonly ["operate"];
        readonly createToken: readonly ["operate"];
        readonly listTokens: readonly ["operate"];
        readonly revokeToken: readonly ["operate"];
        /** At an address also `read:all` (src/node/operator/webhook-desk.ts): the endpoint is shown what that scope shows. */
        readonly addWebhook: readonly ["operate"];
        readonly listWebhooks: readonly ["operate"];
        readonly removeWebhook: readonly ["operate"];
        readonly redeliverWebhook: readonly ["operate"];
    };
    readonly "grpc.health.v1.Health": {
        readonly check: Needs;
        readonly list: Needs;
        readonly watch: Needs;
    };
    readonly "grpc.reflection.v1.ServerReflection": {
        readonly serverReflectionInfo: readonly ["read"];
    };
    readonly "grpc.reflection.v1alpha.ServerReflection": {
        readonly serverReflectionInfo: readonly ["read"];
    };
};
/** The calls that read one wallet by its id: a signature by its key is good for them alone, and gives the scope `read`. */
export declare const SIGNED_READS: readonly ["countersign.v1.LedgerService/GetWallet", "countersign.v1.LedgerService/GetReceipt", "countersign.v1.LedgerService/ListEntries", "countersign.v1.LedgerService/Subscribe"];
/** The scopes of a wallet's signature at a call, by the full name of the call. */
export declare function scopesOfSignedRead(call: string): ReadonlySet<Scope>;
/** The pages of the operator's listener, by path. */
export declare const PAGE_SCOPES: Readonly<Record<string, Needs>>;
/** Without this scope, wallets of others look as if they did not exist. */
export declare const FOREIGN_WALLETS: Scope;
export declare function readsForeignWallets({ scopes }: Caller): boolean;
/** The scopes of a call, by the full name of its service and its own name in the generated code. */
export declare function needsOfCall(service: string, call: string): CallNeeds | undefined;
export declare function hasForms(needs: CallNeeds): needs is FormNeeds;
/** The first needed scope that the caller lacks. */
export declare function missingScope({ scopes }: Caller, needs: Needs): Scope | undefined;
