import type { WalletId } from "../primitives/ids.ts";
import { type Scope } from "./scope.ts";
/** A printable text of at most `PRINCIPAL_BYTES_MAX` bytes: `open`, `token:NAME`, `cert:COMMON-NAME`, `wallet:ID` and the like. */
export type Principal = string;
export interface Caller {
    readonly principal: Principal;
    readonly scopes: ReadonlySet<Scope>;
}
export declare const PRINCIPAL_BYTES_MAX = 200;
/** The one caller of a node without access control: it may do everything, and owns all custodial wallets. */
export declare const OPEN_CALLER: Caller;
/** The caller on the operator's Unix socket. No credential gives this principal. */
export declare const SOCKET_CALLER: Caller;
/** A caller without a credential. */
export declare function anonymousCaller(scopes: readonly Scope[]): Caller;
/** Such callers are told apart by their addresses only. */
export declare function isNameless({ principal }: Caller): boolean;
export declare function isOnSocket({ principal }: Caller): boolean;
export declare function isAnonymous({ principal }: Caller): boolean;
export declare function tokenPrincipal(name: string): Principal;
export declare function certificatePrincipal(commonName: string): Principal;
export declare function walletPrincipal(wallet: WalletId): Principal;
/** Such callers own one wallet and nothing else, and no operator can revoke them. */
export declare function isWallet({ principal }: Caller): boolean;
/** True for a text that may name a principal: it is shown in logs and on terminals, and is a key in the store. */
export declare function isPrincipal(text: string): boolean;
