/** Metrics of callers' credentials and of the audit log; never of one caller. */
import { GUESS_RESULTS } from "../access/guess-figures.ts";
import { counter, type Family, flag, gauge, seconds } from "./family.ts";

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
