/** `countersign certs revoke`: withdraws certificates of a private authority, by its list of revoked ones. */
import { X509Certificate } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { utf8 } from "../primitives/bytes.ts";
import { PUBLIC_FILE_MODE, writeFileDurably } from "../storage/atomic-file.ts";
import { createRevocationList, type Revocation } from "../transport/certificate-authority.ts";
import { entriesOf, revocationListsIn, revocationProblem } from "../transport/revocation-list.ts";
import { daysOf, PASSPHRASE_OPTION, readAuthority, readCertificates } from "./authority-folder.ts";
import { AUTHORITY_OPTION, readCertificate, readDays, requireIssued } from "./certs-authority.ts";
import { CommandError, EXIT } from "./command.ts";
import { defineCommand } from "./define-command.ts";

const NAME = "certs revoke";
const LIST_FILE = "crl.pem";
/** As long as the authority holds, unless `--days` says less: a list that expires locks out every client. */
const DAYS = "36500";

export const certsRevoke = defineCommand({
  name: NAME,
  example: "countersign certs revoke billing/client-certificate.pem",
  details:
    "Adds the certificates to crl.pem in the authority's folder, the list of those that it has " +
    "revoked (CRL, RFC 5280), and signs it anew. Copy it to the nodes, name it by " +
    "access.clientRevocations in their configurations, and run countersign node reload. Once " +
    "the list is over (--days), nodes take no client certificate: write a new one before that. " +
    "Without a CERTIFICATE the command signs the list anew with the same entries.",
  operands: [
    {
      name: "CERTIFICATE",
      summary: "a certificate that certs issue wrote",
      repeated: true,
      optional: true,
    },
  ],
  options: {
    authority: AUTHORITY_OPTION,
    days: {
      kind: "text",
      value: "N",
      summary: "how long the list holds, at most as long as the authority",
      fallback: DAYS,
    },
    "passphrase-file": PASSPHRASE_OPTION,
  },
  run: async ({ values, operands }, terminal) => {
    const days = readDays(NAME, values.days);
    const now = Date.now();
    const passphraseFile = values["passphrase-file"];
    const folder = values.authority;
    const given = operands.map((file) => ({ file, pem: readCertificate(NAME, file) }));
    const authority = await readAuthority(NAME, folder, { now, passphraseFile });
    for (const one of given) requireIssued(NAME, one, { ...authority, folder });
    const file = join(folder, LIST_FILE);
    const before = existsSync(file) ? readEntries(file, authority.certificate) : [];
    const added = given
      .map(({ pem }) => ({ serial: new X509Certificate(pem).serialNumber.toLowerCase(), at: now }))
      .filter(({ serial }) => before.every((old) => old.serial !== serial));
    const revoked = [...before, ...added];
    const validity = { now, days: Math.min(days, daysOf(authority.certificate, now)) };
    const list = await createRevocationList(authority, { revoked, validity });
    await writeFileDurably(file, utf8(list), PUBLIC_FILE_MODE);
    terminal.answer({
      value: { file, added: added.length, revoked: revoked.length, days: validity.days },
      text: `Written to ${file}: ${revoked.length} revoked, ${added.length} of them new; the list holds for ${validity.days} days. Copy it to the nodes, and reload them.`,
    });
    return EXIT.ok;
  },
});

/** A list keeps its entries when it is over, and before it holds. */
function readEntries(file: string, authorities: string): readonly Revocation[] {
  const pem = readCertificates(NAME, file);
  const problem = revocationProblem(pem, { authorities, now: undefined });
  if (problem === undefined) return revocationListsIn(pem).flatMap(entriesOf);
  throw new CommandError(
    `${NAME}: the list is ${file}, ${problem}; put the right one back, because a new list without its entries would take back their revocation`,
  );
}
