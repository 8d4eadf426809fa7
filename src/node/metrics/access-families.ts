/** Metrics of callers' credentials and of the audit log; never of one caller. */
import { GUESS_RESULTS } from "../access/guess-figures.ts";
import { counter, type Family, flag, gauge, type Sample, seconds } from "./family.ts";
import type { Observed } from "./observed.ts";

const ISSUER = ["issuer"] as const;

type KeySets = ReturnType<Observed["access"]["keySets"]>;

/** Samples of each authorization server; `read` gives those of one, without its name. */
function byIssuer(read: (source: KeySets[number]["source"]) => readonly Sample[]) {
  return ({ access }: Observed) =>
    access
      .keySets()
      .flatMap(({ issuer, source }) =>
        read(source).map(({ labels, value }) => ({ labels: { issuer, ...labels }, value })),
      );
}

export const ACCESS_FAMILIES: readonly Family[] = [
  counter(
    "invalid_credentials_total",
    "Invalid credentials that callers showed: `new`, not shown before, which may be guesses; `repeated`; " +
      "`slowed`, refused without the reason because there were too many new ones; `signed`, access tokens " +
      "and signatures by wallets' keys",
    ({ access }) =>
      GUESS_RESULTS.map((result) => ({ labels: { result }, value: access.guesses.of(result) })),
    ["result"],
  ),
  gauge(
    "key_set_keys",
    "Keys of an authorization server that check its access tokens now; 0: they are refused, because the server has never given keys, or none for a day",
    byIssuer((source) => [{ labels: {}, value: source.current()?.usable ?? 0 }]),
    ISSUER,
  ),
  gauge(
    "key_set_age_seconds",
    "Time since an authorization server gave its keys; before the first time, since this node began to ask; none for keys of a file",
    byIssuer((source) => {
      const age = seconds(source.figures()?.ageMs);
      return age === undefined ? [] : [{ labels: {}, value: age }];
    }),
    ISSUER,
  ),
  counter(
    "key_set_fetches_total",
    "Questions to an authorization server for its keys, by result: `succeeded`, or `failed`, without keys that can be used; none for keys of a file",
    byIssuer((source) => {
      const figures = source.figures();
      if (figures === undefined) return [];
      const results = ["succeeded", "failed"] as const;
      return results.map((result) => ({ labels: { result }, value: figures[result] }));
    }),
    [...ISSUER, "result"],
  ),
  gauge("tokens", "Tokens of callers that hold now", ({ access }) => access.tokens.holding),
  gauge(
    "token_expiry_timestamp_seconds",
    "Time at which the first name of a token has none left that holds, seconds since 1970; " +
      "none if no name loses its last one",
    ({ access }) => seconds(access.tokens.firstExpiry),
  ),
  gauge(
    "audit_entries",
    "Number of the last entry of the audit log",
    ({ audit }) => audit.head.number,
  ),
  counter(
    "audit_files_removed_total",
    "Files of the audit log that this process removed because there were too many: their entries are gone unless they were archived",
    ({ auditFiles }) => auditFiles.removed,
  ),
  gauge(
    "audit_file_intact",
    "1 if the newest file of the audit log is where this process writes it and has lost nothing; " +
      "0: another program removed, replaced or shortened it",
    async ({ auditFiles }) => flag(await auditFiles.isIntact()),
  ),
];
