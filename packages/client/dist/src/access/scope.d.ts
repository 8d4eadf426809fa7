/** Scopes: the rights that a caller may have. */
export declare const SCOPES: readonly [
/** Read the network's state, and one's own wallets. */
"read", 
/** Read all wallets. Includes `read`. */
"read:all", 
/** Submit orders that a client signed itself. */
"submit", 
/** Create custodial wallets and spend from one's own. */
"custody", 
/** Have the gateway sign as issuer. */
"issue", 
/** Make the operator's calls. */
"operate", 
/** Read the metrics. */
"metrics"];
export type Scope = (typeof SCOPES)[number];
export declare function isScope(text: string): text is Scope;
/** The scopes, with those that they include. */
export declare function scopeSet(scopes: Iterable<Scope>): ReadonlySet<Scope>;
