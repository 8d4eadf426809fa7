/** Receipts whose seal or key certificate has exactly one defect. */
import { sha256 } from "../../src/node/base/crypto.ts";
import { encodeHeader } from "../../src/primitives/block.ts";
import type { Bytes } from "../../src/primitives/bytes.ts";
import {
  encodeKeyCertificateBody,
  type KeyCertificate,
} from "../../src/primitives/key-certificate.ts";
import { epoch, validatorIndex } from "../../src/primitives/numbers.ts";
import { namedSigningKey } from "../support/operations.ts";
import { mixedKey, plainKey, raiseS, signMixed, signWithSmallR } from "./crafted-keys.ts";
import type { Broken } from "./receipt-cases-form.ts";
import {
  base64,
  certificateJson,
  encoded,
  jsonOf,
  longer,
  put,
  type Sealing,
  sealedJson,
  signers,
  splice,
} from "./receipt-forge.ts";
import { certify, chainOf, groupKey, ownHeader, sealed, signatureOf } from "./workshop.ts";

const other = sha256(new Uint8Array());
const chain = encoded(chainOf(2));
const json = jsonOf(sealed(chainOf(2)));
const under = (certificate: KeyCertificate, more: Sealing = {}) =>
  sealedJson(chain, { ...more, certificate: certificateJson(certificate) });
const vouchedBy = (...places: number[]) => under(certify({}, signers(...places)));
const sealedBy = (seal: (bytes: Bytes) => Bytes) => sealedJson(chain, { seal });

/** Changes the certificate bytes that the members signed, and keeps the view of the original bytes. */
function vouchedBytes(change: (bytes: Bytes) => Bytes) {
  const certificate = certify();
  const bytes = change(encodeKeyCertificateBody(certificate));
  const signatures = signers(0, 1, 2).map((signer) => signatureOf(signer, bytes));
  return sealedJson(chain, { certificate: certificateJson({ ...certificate, signatures }, bytes) });
}

/** With one signature replaced. */
function signedOtherwise(signature: Bytes) {
  const { signatures, ...body } = certify();
  return under({
    ...body,
    signatures: signatures.with(1, { signer: validatorIndex(1), signature }),
  });
}

const invented = namedSigningKey("an invented key");
const stranger = { signer: validatorIndex(4), signature: invented.sign(other) };

export const PROOF_CASES: readonly Broken[] = [
  ["5.1", "beside another height", put(json, "sealedHeader.header.height", "4000"), "only"],
  ["5.1", "beside another time", put(json, "sealedHeader.header.time", "0"), "only"],
  [
    "5.1",
    "beside another state",
    put(json, "sealedHeader.header.stateRoot", base64(other)),
    "only",
  ],
  ["5.1", "beside another supply", put(json, "sealedHeader.header.supply", ["1000"]), "only"],
  [
    "5.2",
    "whose key has bytes of another tag",
    vouchedBytes((own) => splice(own, 1, Uint8Array.of(0x43))),
  ],
  ["5.2", "whose key has bytes that go on", vouchedBytes(longer), "only"],
  ["5.2", "whose key has bytes that end too early", vouchedBytes((own) => own.slice(0, -1))],
  ["5.3", "whose key is of another network", under(certify({ networkId: other })), "only"],
  ["5.4", "whose key is of another epoch", under(certify({ epoch: epoch(2) })), "only"],
  ["5.5", "whose key has a lower threshold", under(certify({ threshold: 2 })), "only"],
  ["5.5", "whose key has a higher threshold", under(certify({ threshold: 4 })), "only"],
  [
    "5.6",
    "whose key is a point of mixed order",
    under(certify({ groupKey: mixedKey }), { seal: signMixed }),
    "only",
  ],
  [
    "5.6",
    "whose key is the identity",
    under(certify({ groupKey: other.map((_, i) => (i === 0 ? 1 : 0)) })),
  ],
  [
    "5.6",
    "whose key is no point",
    under(certify({ groupKey: other.map((_, i) => (i === 0 ? 2 : 0)) })),
  ],
  [
    "5.7",
    "beside another group key",
    put(json, "keyCertificate.groupPublicKey", base64(other)),
    "only",
  ],
  ["5.7", "beside another threshold", put(json, "keyCertificate.threshold", 2), "only"],
  [
    "5.7",
    "beside another transcript",
    put(json, "keyCertificate.transcriptHash", base64(other)),
    "only",
  ],
  ["5.7", "beside another epoch of the key", put(json, "keyCertificate.epoch", "0"), "only"],
  ["5.8", "whose key two members vouch for", vouchedBy(0, 1), "only"],
  ["5.8", "whose key no member vouches for", vouchedBy(), "only"],
  ["5.9", "whose key one member vouches for three times", vouchedBy(0, 0, 0), "only"],
  ["5.9", "whose key two members vouch for, one of them twice", vouchedBy(0, 1, 1), "only"],
  ["5.9", "whose key is vouched for out of order", vouchedBy(2, 1, 0), "only"],
  ["5.9", "whose key a stranger vouches for as well", under(withStranger())],
  [
    "5.10",
    "with a signature for the key by another key",
    signedOtherwise(invented.sign(encodeKeyCertificateBody(certify()))),
    "only",
  ],
  ["5.10", "with a signature that was for another key", signedOtherwise(ofAnotherKey()), "only"],
  ["5.10", "with a signature of zeros for the key", signedOtherwise(new Uint8Array(64)), "only"],
  [
    "5.10",
    "whose key is invented, with the signatures for the right one",
    under({ ...certify(), groupKey: invented.publicKey }, { seal: invented.sign }),
    "only",
  ],
  [
    "5.11",
    "under a header of a later epoch",
    sealedJson([encodeHeader({ ...ownHeader, epoch: epoch(2) })]),
    "only",
  ],
  ["5.12", "whose seal is another key's", sealedBy(invented.sign), "only"],
  [
    "5.12",
    "whose seal is over another header",
    sealedBy(() => groupKey.sign(encodeHeader(ownHeader))),
    "only",
  ],
  [
    "5.12",
    "whose seal is a seal spelled otherwise",
    sealedBy((bytes) => raiseS(groupKey.sign(bytes))),
    "only",
  ],
  [
    "5.12",
    "whose seal has an R of small order",
    under(certify({ groupKey: plainKey }), { seal: signWithSmallR }),
    "only",
  ],
];

function withStranger(): KeyCertificate {
  const certificate = certify();
  return { ...certificate, signatures: [...certificate.signatures, stranger] };
}

function ofAnotherKey(): Bytes {
  const body = encodeKeyCertificateBody({ ...certify(), groupKey: invented.publicKey });
  return signatureOf(validatorIndex(1), body).signature;
}
