/**
 * Callers. Each is a principal, which owns custodial wallets and has its own rates, with the scopes that it was
 * given.
 */
import { utf8 } from "../primitives/bytes.ts";
import type { WalletId } from "../primitives/ids.ts";
import { printable } from "../primitives/printable.ts";
import { SCOPES, type Scope, scopeSet } from "./scope.ts";

/** A printable text of at most `PRINCIPAL_BYTES_MAX` bytes: `open`, `token:NAME`, `cert:COMMON-NAME`, `wallet:ID` and the like. */
export type Principal = string;

export interface Caller {
  readonly principal: Principal;
  readonly scopes: ReadonlySet<Scope>;
}

export const PRINCIPAL_BYTES_MAX = 200;

/** The one caller of a node without access control: it may do everything, and owns all custodial wallets. */
export const OPEN_CALLER: Caller = { principal: "open", scopes: scopeSet(SCOPES) };

/** The caller on the operator's Unix socket. No credential gives this principal. */
export const SOCKET_CALLER: Caller = {
  principal: "socket",
  scopes: scopeSet(["operate", "metrics"]),
};

const ANONYMOUS: Principal = "anonymous";
const WALLET = "wallet:";

/** A caller without a credential. */
export function anonymousCaller(scopes: readonly Scope[]): Caller {
  return { principal: ANONYMOUS, scopes: scopeSet(scopes) };
}

/** Such callers are told apart by their addresses only. */
export function isNameless({ principal }: Caller): boolean {
  return principal === ANONYMOUS || principal === OPEN_CALLER.principal;
}

export function isOnSocket({ principal }: Caller): boolean {
  return principal === SOCKET_CALLER.principal;
}

export function isAnonymous({ principal }: Caller): boolean {
  return principal === ANONYMOUS;
}

export function tokenPrincipal(name: string): Principal {
  return `token:${name}`;
}

export function certificatePrincipal(commonName: string): Principal {
  return `cert:${commonName}`;
}

export function walletPrincipal(wallet: WalletId): Principal {
  return `${WALLET}${wallet}`;
}

/** Such callers own one wallet and nothing else, and no operator can revoke them. */
export function isWallet({ principal }: Caller): boolean {
  return principal.startsWith(WALLET);
}

/** True for a text that may name a principal: it is shown in logs and on terminals, and is a key in the store. */
export function isPrincipal(text: string): boolean {
  return text !== "" && utf8(text).length <= PRINCIPAL_BYTES_MAX && printable(text) === text;
}
