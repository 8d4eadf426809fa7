/** Scopes: the rights that a caller may have. */
export const SCOPES = [
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
    "metrics",
];
export function isScope(text) {
    return SCOPES.some((scope) => scope === text);
}
/** The scopes, with those that they include. */
export function scopeSet(scopes) {
    const all = new Set(scopes);
    if (all.has("read:all"))
        all.add("read");
    return all;
}
