/** Lists of revoked certificates: what is read, what is refused before TLS would refuse every certificate, and what openssl says. */
import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  createAuthority,
  createRevocationList,
  issueCertificate,
} from "../../src/transport/certificate-authority.ts";
import type { CertificateAndKey } from "../../src/transport/certificate-keys.ts";
import {
  entriesOf,
  RevokedSerials,
  revocationListsIn,
  revocationProblem,
} from "../../src/transport/revocation-list.ts";

const now = Date.now();
const folder = mkdtempSync(join(tmpdir(), "countersign-revocations-"));
const at = (name: string) => join(folder, name);
let authority: CertificateAndKey;
let other: CertificateAndKey;
let client: CertificateAndKey;
let list: string;

const listOf = (by: CertificateAndKey, serials: readonly string[], days = 2) =>
  createRevocationList(by, {
    revoked: serials.map((serial) => ({ serial, at: now })),
    validity: { now, days },
  });
const serialOf = ({ certificate }: CertificateAndKey) =>
  new X509Certificate(certificate).serialNumber;
// The time of the test, not its beginning: openssl dates its lists by the clock.
const problemOf = (pem: string, authorities = authority.certificate) =>
  revocationProblem(pem, { authorities, now: Date.now() });

beforeAll(async () => {
  authority = await createAuthority("clients", { now, days: 10 });
  other = await createAuthority("clients", { now, days: 10 });
  const terms = { commonName: "billing", hosts: [], uses: ["client"] } as const;
  client = await issueCertificate(authority, { ...terms, validity: { now, days: 5 } });
  list = await listOf(authority, [serialOf(client)]);
});

afterAll(() => rmSync(folder, { recursive: true }));

describe("a revocation list", () => {
  it("of the authority is taken, beside those of others, and so is one without entries", async () => {
    expect(problemOf(list)).toBe(undefined);
    expect(problemOf((await listOf(other, [])) + list)).toBe(undefined);
    expect(problemOf(await listOf(authority, []))).toBe(undefined);
  });

  it("is asked about any serial number that a stranger may show", () => {
    const revoked = new RevokedSerials(revocationListsIn(list));
    expect(["-05", "-0", "", "0", "no number"].map((serial) => revoked.has(serial))).toEqual([
      false,
      false,
      false,
      false,
      false,
    ]);
  });

  it("names the certificates by their serial numbers, however these are written", async () => {
    const revoked = new RevokedSerials(revocationListsIn(list));
    const serial = serialOf(client);
    expect([serial, serial.toLowerCase(), `00${serial}`].map((one) => revoked.has(one))).toEqual([
      true,
      true,
      true,
    ]);
    expect(revoked.has(serialOf(authority))).toBe(false);
    const [read = ""] = revocationListsIn(list);
    expect(entriesOf(read)).toMatchObject([{ at: Math.floor(now / 1000) * 1000 }]);
  });

  it("is refused if TLS would refuse every certificate for it", async () => {
    const cut = list.slice(0, -30);
    const middle = list.length >> 1;
    const character = list[middle] === "A" ? "B" : "A";
    const changed = list.slice(0, middle) + character + list.slice(middle + 1);
    for (const [pem, problem] of [
      ["", /holds no revocation list in PEM/],
      [authority.certificate, /holds no revocation list in PEM/],
      [cut, /holds a revocation list that is cut off/],
      [changed, /cannot be read|holds no list that/],
      ["-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----", /in which list 1 of 1 cannot be/],
      [await listOf(other, []), /holds no list that CN=clients has signed/],
      [await listOf(authority, [], -1), /in which the list of CN=clients held until 2/],
    ] as const) {
      expect(problemOf(pem), pem.slice(0, 60)).toMatch(problem);
    }
    // Of two authorities, each needs one.
    const both = authority.certificate + other.certificate;
    expect(problemOf(list, both)).toMatch(/holds no list that CN=clients has signed/);
    expect(problemOf(list + (await listOf(other, [])), both)).toBe(undefined);
    // A certificate that may not sign lists.
    expect(problemOf(list, client.certificate)).toMatch(/not for signing lists/);
  });

  it("is refused before it holds, unless another one of its authority does, or the time does not matter", async () => {
    const day = 86_400_000;
    const validity = { now: now + 2 * day, days: 2 };
    const later = await createRevocationList(authority, { revoked: [], validity });
    expect(problemOf(later)).toMatch(/in which the list of CN=clients holds only from 2/);
    expect(problemOf(later + (await listOf(authority, [], -1)))).toMatch(/holds only from 2/);
    expect(problemOf(later + list)).toBe(undefined);
    const authorities = authority.certificate;
    expect(revocationProblem(later, { authorities, now: now + 2 * day })).toBe(undefined);
    expect(revocationProblem(later, { authorities, now: undefined })).toBe(undefined);
    expect(
      revocationProblem(await listOf(authority, [], -1), { authorities, now: undefined }),
    ).toBe(undefined);
  });

  it("is right in the eyes of openssl, which refuses the certificate for it", () => {
    writeFileSync(at("ca.pem"), authority.certificate);
    writeFileSync(at("crl.pem"), list);
    writeFileSync(at("client.pem"), client.certificate);
    const openssl = (...args: string[]) =>
      execFileSync("openssl", args, { cwd: folder, stdio: "pipe" }).toString();
    const text = openssl("crl", "-in", "crl.pem", "-CAfile", "ca.pem", "-noout", "-text");
    expect(text).toMatch(/Version 2/);
    expect(text).toMatch(/X509v3 CRL Number:\s+\d+/);
    expect(text).toMatch(/X509v3 Authority Key Identifier/);
    expect(text).toContain(`Serial Number: ${serialOf(client)}`);
    const verify = ["verify", "-CAfile", "ca.pem", "-CRLfile", "crl.pem", "-crl_check"];
    expect(() => openssl(...verify, "client.pem")).toThrow(/certificate revoked/);
    expect(openssl("verify", "-CAfile", "ca.pem", "client.pem")).toContain("OK");
  });
});

describe("a revocation list that openssl makes", () => {
  it.each([
    ["RSA", ["-newkey", "rsa:2048"]],
    ["RSA with PSS", ["-newkey", "rsa:2048", "-sigopt", "rsa_padding_mode:pss"]],
    ["ECDSA on P-384", ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384"]],
    ["Ed25519", ["-newkey", "ed25519"]],
  ])("signed by %s is taken from its authority alone", (_, key) => {
    const run = (...args: string[]) =>
      execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });
    const usage = ["-addext", "keyUsage=critical,keyCertSign,cRLSign"];
    run(
      ...["req", "-x509", "-nodes", "-subj", "/CN=clients", "-days", "2", ...key, ...usage],
      ...["-keyout", "own-key.pem", "-out", "own.pem"],
    );
    writeFileSync(at("index.txt"), `R\t300101000000Z\t260101000000Z\t0ABC\tunknown\t/CN=x\n`);
    writeFileSync(
      at("ca.cnf"),
      "[ca]\ndefault_ca=own\n[own]\ndatabase=index.txt\ndefault_md=default\n",
    );
    const pss = key.filter((_, i) => i >= 2 && key[2] === "-sigopt");
    run(
      ...["ca", "-gencrl", "-config", "ca.cnf", "-keyfile", "own-key.pem", "-cert", "own.pem"],
      ...["-crldays", "2", "-out", "own-crl.pem", ...pss],
    );
    const [own, made] = ["own.pem", "own-crl.pem"].map((name) => readFileSync(at(name), "utf8"));
    expect(problemOf(made ?? "", own)).toBe(undefined);
    expect(problemOf(made ?? "")).toMatch(/holds no list that/);
    expect(new RevokedSerials(revocationListsIn(made ?? "")).has("abc")).toBe(true);
  });
});
