import "reflect-metadata";
import { webcrypto, X509Certificate } from "node:crypto";
import * as x509 from "@peculiar/x509";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { concatBytes } from "../../src/primitives/bytes.ts";
import { Encoder } from "../../src/primitives/encoding.ts";
import type { CertificateAndKey } from "../../src/transport/certificate-keys.ts";
import {
  createPeerCertificate,
  IDENTITY_EXTENSION,
  verifyPeerCertificate,
} from "../../src/transport/peer-certificate.ts";
import { certificateCheck, identityOf, networkId, otherNetworkId } from "./identities.ts";

const me = identityOf(0);
const other = identityOf(1);
let mine: CertificateAndKey;

beforeAll(async () => {
  mine = await createPeerCertificate({ networkId, ...me });
});

function derOf(pem: string): Uint8Array {
  return new Uint8Array(new X509Certificate(pem).raw);
}

function extensionOf(pem: string): Uint8Array {
  const extension = new x509.X509Certificate(pem).getExtension(IDENTITY_EXTENSION);
  return new Uint8Array(extension?.value ?? []);
}

function generateKeys(namedCurve = "P-256"): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey({ name: "ECDSA", namedCurve }, true, ["sign", "verify"]);
}

/** The extension as the protocol defines it: key, and signature over tag, network id and the certificate's key. */
async function identityFor(keys: webcrypto.CryptoKeyPair): Promise<Uint8Array> {
  const spki = new Uint8Array(await webcrypto.subtle.exportKey("spki", keys.publicKey));
  const binding = new Encoder()
    .tag("countersign/v1/peer-certificate")
    .fixed(networkId, 32)
    .bytes(spki);
  return concatBytes(me.publicKey, me.sign(binding.finish()));
}

/** A long expired, self-signed certificate with a key of its own and any extensions. */
async function forge(
  contents: readonly Uint8Array[],
  options: {
    namedCurve?: string;
    signer?: webcrypto.CryptoKeyPair;
    keys?: webcrypto.CryptoKeyPair;
  } = {},
): Promise<Uint8Array> {
  const keys = options.keys ?? (await generateKeys(options.namedCurve));
  const certificate = await x509.X509CertificateGenerator.create(
    {
      subject: "CN=node1",
      issuer: "CN=node1",
      publicKey: keys.publicKey,
      signingKey: (options.signer ?? keys).privateKey,
      signingAlgorithm: { name: "ECDSA", hash: "SHA-256" },
      notBefore: new Date("2001-01-01T00:00:00Z"),
      notAfter: new Date("2002-01-01T00:00:00Z"),
      extensions: contents.map((value) => new x509.Extension(IDENTITY_EXTENSION, false, value)),
    },
    webcrypto,
  );
  return new Uint8Array(certificate.rawData);
}

describe("T1: a peer certificate", () => {
  test("names the identity that made it", () => {
    const identity = verifyPeerCertificate(derOf(mine.certificate), certificateCheck);
    expect(identity).toEqual({ known: true, publicKey: me.publicKey });
  });

  test("has a new key each time, of P-256", async () => {
    const again = await createPeerCertificate({ networkId, ...me });
    expect(again.key).not.toBe(mine.key);
    const details = new X509Certificate(again.certificate).publicKey.asymmetricKeyDetails;
    expect(details?.namedCurve).toBe("prime256v1");
  });

  test("is worth nothing in another network", () => {
    const check = { ...certificateCheck, networkId: otherNetworkId };
    expect(verifyPeerCertificate(derOf(mine.certificate), check)).toMatchObject({
      problem: "the identity did not sign the certificate's key for this network",
    });
  });

  test("is refused with the identity of another certificate over a key of the liar's own", async () => {
    const der = await forge([extensionOf(mine.certificate)]);
    expect(verifyPeerCertificate(der, certificateCheck)).toMatchObject({
      problem: "the identity did not sign the certificate's key for this network",
    });
  });

  test("is refused with another's identity key before one's own signature", async () => {
    const content = extensionOf(mine.certificate);
    const der = await forge([concatBytes(other.publicKey, content.slice(32))]);
    expect(verifyPeerCertificate(der, certificateCheck)).toMatchObject({ known: false });
  });

  test.each([
    ["no identity", [], "the certificate carries no identity"],
    ["two identities", [new Uint8Array(96), new Uint8Array(96)], "the certificate carries two"],
    ["a short identity", [new Uint8Array(95)], "the identity has a wrong length"],
    ["a long identity", [new Uint8Array(97)], "the identity has a wrong length"],
    ["an empty identity", [new Uint8Array(0)], "the identity has a wrong length"],
    ["zeros", [new Uint8Array(96)], "the identity did not sign"],
  ])("is refused with %s", async (_name, contents, problem) => {
    const identity = verifyPeerCertificate(await forge(contents), certificateCheck);
    expect(identity).toMatchObject({ known: false, problem: expect.stringContaining(problem) });
  });

  test("is refused if another key signed it", async () => {
    const keys = await generateKeys();
    const der = await forge([await identityFor(keys)], { keys, signer: await generateKeys() });
    expect(verifyPeerCertificate(der, certificateCheck)).toMatchObject({
      problem: "the certificate is not self-signed",
    });
  });

  test("is refused with a key of another curve", async () => {
    const keys = await generateKeys("P-384");
    const der = await forge([await identityFor(keys)], { keys });
    expect(verifyPeerCertificate(der, certificateCheck)).toMatchObject({
      problem: "the certificate's key is not of P-256",
    });
  });

  test("is refused with a second identity beside a good one", async () => {
    const keys = await generateKeys();
    const identity = await identityFor(keys);
    const der = await forge([identity, identity], { keys });
    expect(verifyPeerCertificate(der, certificateCheck)).toMatchObject({
      problem: "the certificate carries two identities",
    });
  });

  test("is not judged by its dates or names", async () => {
    const keys = await generateKeys();
    const expired = await forge([await identityFor(keys)], { keys });
    const identity = verifyPeerCertificate(expired, certificateCheck);
    expect(identity).toEqual({ known: true, publicKey: me.publicKey });
  });

  test("is refused if it is too large to be one", () => {
    expect(verifyPeerCertificate(new Uint8Array(4097), certificateCheck)).toMatchObject({
      problem: "the certificate is too large",
    });
  });

  test("never names anybody else, whichever of its bits is flipped", () => {
    const der = derOf(mine.certificate);
    fc.assert(
      fc.property(fc.nat(der.length * 8 - 1), (bit) => {
        const flipped = Uint8Array.from(der);
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(verifyPeerCertificate(flipped, certificateCheck).known).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  test("survives garbage", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (garbage) => {
        expect(verifyPeerCertificate(garbage, certificateCheck).known).toBe(false);
      }),
      { numRuns: 200 },
    );
  });
});
