/** `countersign certs inspect`: shows certificates, and the days that they have left. */
import { X509Certificate } from "node:crypto";
import { printable } from "../primitives/printable.ts";
import { daysOf } from "./authority-folder.ts";
import { readCertificate } from "./certs-authority.ts";
import { EXIT } from "./command.ts";
import { defineCommand } from "./define-command.ts";

const NAME = "certs inspect";
const USES: ReadonlyMap<string, string> = new Map([
  ["1.3.6.1.5.5.7.3.1", "server"],
  ["1.3.6.1.5.5.7.3.2", "client"],
]);

export const certsInspect = defineCommand({
  name: NAME,
  example: "countersign certs inspect node1/tls-certificate.pem --ca authority/ca.pem",
  details:
    "For a file with a chain, shows the first certificate. Exit code 1 if a certificate " +
    "has expired or, with --ca, was not issued by that authority.",
  operands: [{ name: "CERTIFICATE", summary: "a file in PEM", repeated: true }],
  options: {
    ca: { kind: "text", value: "FILE", summary: "the authority that should have issued it" },
  },
  run: async ({ values, operands }, terminal) => {
    const authority = values.ca === undefined ? undefined : readCertificate(NAME, values.ca);
    const now = Date.now();
    const shown = operands.map((file) =>
      describe(file, readCertificate(NAME, file), { authority, now }),
    );
    terminal.answer({
      value: shown,
      text: shown.map((one) => rowsOf(one)).join("\n\n"),
    });
    return shown.every(({ daysLeft, issued }) => daysLeft >= 0 && issued !== false)
      ? EXIT.ok
      : EXIT.failed;
  },
});

function describe(
  file: string,
  pem: string,
  { authority, now }: { readonly authority: string | undefined; readonly now: number },
) {
  const read = new X509Certificate(pem);
  const issued =
    authority === undefined ? undefined : read.verify(new X509Certificate(authority).publicKey);
  return {
    file,
    subject: read.subject.split("\n").join(", "),
    issuer: read.issuer.split("\n").join(", "),
    names: read.subjectAltName?.split(", ") ?? [],
    uses: read.ca ? ["authority"] : (read.keyUsage ?? []).map((use) => USES.get(use) ?? use),
    validFrom: read.validFromDate.toISOString(),
    validTo: read.validToDate.toISOString(),
    daysLeft: daysOf(pem, now),
    sha256: read.fingerprint256.replaceAll(":", "").toLowerCase(),
    ...(issued === undefined ? {} : { issued }),
  };
}

function rowsOf(one: ReturnType<typeof describe>): string {
  const left = one.daysLeft < 0 ? "expired" : `${one.daysLeft} days left`;
  const rows = [
    ["certificate", one.file],
    ["subject", one.subject],
    ["issuer", one.issuer],
    ["names", one.names.join(", ")],
    ["use", one.uses.join(", ")],
    ["valid", `${one.validFrom} to ${one.validTo} (${left})`],
    ["sha256", one.sha256],
    ...(one.issued === undefined
      ? []
      : [["issued", one.issued ? "by that authority" : "not by that authority"]]),
  ];
  return rows
    .map(([name = "", value = ""]) => `${name.padEnd(11)}  ${printable(value)}`)
    .join("\n");
}
