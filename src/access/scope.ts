/** Scopes: the kinds of acts that a caller may be given. */

export const SCOPES = [
  /** The network, and one's own wallets. */
  "read",
  /** All wallets. Includes `read`. */
  "read:all",
  /** Orders that a client signed itself. */
  "submit",
  /** Custodial wallets of one's own: to create them and to spend from them. */
  "custody",
  /** Money that the gateway signs for as issuer. */
  "issue",
  /** The operator's calls. */
  "operate",
  /** The metrics. */
  "metrics",
] as const;

export type Scope = (typeof SCOPES)[number];

export function isScope(text: string): text is Scope {
  return SCOPES.some((scope) => scope === text);
}

/** The scopes with those that they include. */
export function scopeSet(scopes: Iterable<Scope>): ReadonlySet<Scope> {
  const all = new Set(scopes);
  if (all.has("read:all")) all.add("read");
  return all;
}
