/**
 * Callers. Each is a principal, which owns custodial wallets and has its own rates, with the scopes that it was
 * given.
 */
import { utf8 } from "../primitives/bytes.js";
import { printable } from "../primitives/printable.js";
import { SCOPES, scopeSet } from "./scope.js";
export const PRINCIPAL_BYTES_MAX = 200;
/** The one caller of a node without access control: it may do everything, and owns all custodial wallets. */
export const OPEN_CALLER = { principal: "open", scopes: scopeSet(SCOPES) };
/** The caller on the operator's Unix socket. No credential gives this principal. */
export const SOCKET_CALLER = {
    principal: "socket",
    scopes: scopeSet(["operate", "metrics"]),
};
const ANONYMOUS = "anonymous";
const WALLET = "wallet:";
/** A caller without a credential. */
export function anonymousCaller(scopes) {
    return { principal: ANONYMOUS, scopes: scopeSet(scopes) };
}
/** Such callers are told apart by their addresses only. */
export function isNameless({ principal }) {
    return principal === ANONYMOUS || principal === OPEN_CALLER.principal;
}
export function isOnSocket({ principal }) {
    return principal === SOCKET_CALLER.principal;
}
export function isAnonymous({ principal }) {
    return principal === ANONYMOUS;
}
export function tokenPrincipal(name) {
    return `token:${name}`;
}
export function certificatePrincipal(commonName) {
    return `cert:${commonName}`;
}
export function walletPrincipal(wallet) {
    return `${WALLET}${wallet}`;
}
/** Such callers own one wallet and nothing else, and no operator can revoke them. */
export function isWallet({ principal }) {
    return principal.startsWith(WALLET);
}
/** True for a text that may name a principal: it is shown in logs and on terminals, and is a key in the store. */
export function isPrincipal(text) {
    return text !== "" && utf8(text).length <= PRINCIPAL_BYTES_MAX && printable(text) === text;
}
