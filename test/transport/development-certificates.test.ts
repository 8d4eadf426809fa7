import { execFile } from "node:child_process";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CertificateAndKey } from "../../src/transport/certificate-keys.ts";
import {
  createDevelopmentAuthority,
  createListenerCertificate,
  LOOPBACK_HOSTS,
} from "../../src/transport/development-certificates.ts";

const run = promisify(execFile);
const now = Date.parse("2026-11-23T12:00:00Z");
const validity = { now, days: 30 };
let authority: CertificateAndKey;
let leaf: CertificateAndKey;
let folder: string;

beforeAll(async () => {
  authority = await createDevelopmentAuthority(validity);
  leaf = await createListenerCertificate(authority, LOOPBACK_HOSTS, validity);
  folder = await mkdtemp(join(tmpdir(), "countersign-certificates-"));
  await writeFile(join(folder, "ca.pem"), authority.certificate);
  await writeFile(join(folder, "leaf.pem"), leaf.certificate);
});

afterAll(() => rm(folder, { recursive: true }));

describe("development certificates", () => {
  test("hold before openssl, for servers, for every name of the loopback", async () => {
    for (const name of [
      ["-verify_hostname", "localhost"],
      ["-verify_ip", "127.0.0.1"],
      ["-verify_ip", "::1"],
    ]) {
      const { stdout } = await run("openssl", [
        ...["verify", "-x509_strict", "-purpose", "sslserver", "-attime", String(now / 1000)],
        ...[...name, "-CAfile", join(folder, "ca.pem"), join(folder, "leaf.pem")],
      ]);
      expect(stdout).toContain("OK");
    }
  });

  test("do not hold for other names, other uses, or from another authority", async () => {
    const verify = (...args: string[]) =>
      run("openssl", ["verify", "-attime", String(now / 1000), ...args, join(folder, "leaf.pem")]);
    const ca = ["-CAfile", join(folder, "ca.pem")];
    await expect(verify(...ca, "-verify_hostname", "example.org")).rejects.toThrow();
    await expect(verify(...ca, "-purpose", "sslclient")).rejects.toThrow();
    const other = await createDevelopmentAuthority(validity);
    await writeFile(join(folder, "other.pem"), other.certificate);
    await expect(verify("-CAfile", join(folder, "other.pem"))).rejects.toThrow();
  });

  test("last as long as they say, of P-256, and only the authority signs", () => {
    const certificate = new X509Certificate(leaf.certificate);
    expect(Date.parse(certificate.validFrom)).toBe(now - 3_600_000);
    expect(Date.parse(certificate.validTo)).toBe(now + 30 * 86_400_000);
    expect(certificate.publicKey.asymmetricKeyDetails?.namedCurve).toBe("prime256v1");
    expect(certificate.ca).toBe(false);
    expect(new X509Certificate(authority.certificate).ca).toBe(true);
    expect(createPrivateKey(leaf.key).asymmetricKeyType).toBe("ec");
    expect(certificate.checkPrivateKey(createPrivateKey(leaf.key))).toBe(true);
  });
});
