/**
 * Peer certificates (T1): self-signed, P-256, with an extension that holds the node's Ed25519 identity key and its
 * signature over the certificate's public key, as in libp2p's TLS. TLS proves that the other side holds the P-256
 * key, and the extension proves whose key that is. Names, authorities and dates prove nothing and are ignored. A
 * certificate is made at every start, its P-256 key never leaves memory, and an operator who loses the identity key
 * has lost more than a certificate.
 */
import "reflect-metadata";
import { X509Certificate as NativeCertificate, webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";
import { type Bytes, concatBytes, equalBytes } from "../primitives/bytes.ts";
import { Encoder } from "../primitives/encoding.ts";
import { DIGEST_LENGTH } from "../primitives/hash.ts";
import type { NetworkId } from "../primitives/ids.ts";
import { LIMITS } from "../primitives/limits.ts";
import {
  PUBLIC_KEY_LENGTH,
  type PublicKey,
  SIGNATURE_LENGTH,
  type Sign,
  type Verify,
} from "../primitives/signature.ts";
import { TAGS } from "../primitives/tags.ts";
import {
  type CertificateAndKey,
  generateKeys,
  SIGNING_ALGORITHM,
  toPem,
} from "./certificate-keys.ts";

/**
 * The extension's object identifier, in the arc that needs no registration (ITU-T X.667, 2.25): the first 31 bits of
 * SHA-256 of the domain tag, because the certificate writer corrupts larger numbers. Content: identity key (32
 * bytes), signature (64 bytes).
 */
export const IDENTITY_EXTENSION = "2.25.902487883";

export interface Identity {
  readonly networkId: NetworkId;
  readonly publicKey: PublicKey;
  readonly sign: Sign;
}

/** Its key is for memory only. */
export async function createPeerCertificate(identity: Identity): Promise<CertificateAndKey> {
  const keys = await generateKeys();
  const spki = new Uint8Array(await webcrypto.subtle.exportKey("spki", keys.publicKey));
  const signature = identity.sign(encodeBinding(identity.networkId, spki));
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      name: "CN=Countersign peer",
      keys,
      signingAlgorithm: SIGNING_ALGORITHM,
      // X.509 requires dates; these mean "always" (RFC 5280 section 4.1.2.5).
      notBefore: new Date("2020-01-01T00:00:00Z"),
      notAfter: new Date("9999-12-31T23:59:59Z"),
      extensions: [
        new x509.Extension(IDENTITY_EXTENSION, false, concatBytes(identity.publicKey, signature)),
      ],
    },
    webcrypto,
  );
  return toPem(certificate, keys);
}

/** The owner of a certificate, or the reason why it proves none. */
export type PeerIdentity =
  | { readonly known: true; readonly publicKey: PublicKey }
  | {
      readonly known: false;
      readonly problem: string;
      /** The identity key that it names, and that did not sign for this network; absent if it names none. */
      readonly claimed?: PublicKey;
    };

export interface CertificateCheck {
  readonly networkId: NetworkId;
  readonly verify: Verify;
}

/**
 * Reads the identity from the DER of a certificate whose key the other side has proved to hold in this TLS handshake.
 * The caller checks membership.
 */
export function verifyPeerCertificate(der: Bytes, check: CertificateCheck): PeerIdentity {
  if (der.length > LIMITS.peerCertificateBytesMax) return unknown("the certificate is too large");
  let spki: Bytes;
  let extensions: readonly x509.Extension[];
  try {
    // The key that TLS proved is the one that OpenSSL reads; the other reader is for the extension alone.
    const native = new NativeCertificate(der);
    if (native.publicKey.asymmetricKeyDetails?.namedCurve !== "prime256v1") {
      return unknown("the certificate's key is not of P-256");
    }
    if (!native.verify(native.publicKey)) return unknown("the certificate is not self-signed");
    spki = native.publicKey.export({ type: "spki", format: "der" });
    const parsed = new x509.X509Certificate(Uint8Array.from(der));
    if (!equalBytes(new Uint8Array(parsed.publicKey.rawData), spki)) {
      return unknown("the certificate reads as two");
    }
    extensions = parsed.extensions.filter((one) => one.type === IDENTITY_EXTENSION);
  } catch {
    return unknown("the certificate cannot be read");
  }
  return verifyExtensions(extensions, spki, check);
}

function verifyExtensions(
  extensions: readonly x509.Extension[],
  spki: Bytes,
  check: CertificateCheck,
): PeerIdentity {
  const [extension] = extensions;
  if (extension === undefined) return unknown("the certificate carries no identity");
  if (extensions.length > 1) return unknown("the certificate carries two identities");
  const content = new Uint8Array(extension.value);
  if (content.length !== PUBLIC_KEY_LENGTH + SIGNATURE_LENGTH) {
    return unknown("the identity has a wrong length");
  }
  const publicKey = content.slice(0, PUBLIC_KEY_LENGTH);
  const signature = content.slice(PUBLIC_KEY_LENGTH);
  const message = encodeBinding(check.networkId, spki);
  if (!check.verify({ publicKey, message, signature })) {
    const problem = "the identity did not sign the certificate's key for this network";
    return { known: false, problem, claimed: publicKey };
  }
  return { known: true, publicKey };
}

/** The bytes that the identity key signs: they say that this certificate key speaks for the node in this network. */
function encodeBinding(networkId: NetworkId, spki: Bytes): Bytes {
  return new Encoder()
    .tag(TAGS.peerCertificate)
    .fixed(networkId, DIGEST_LENGTH)
    .bytes(spki)
    .finish();
}

function unknown(problem: string): PeerIdentity {
  return { known: false, problem };
}
