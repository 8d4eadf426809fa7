/** Canonical encoding and decoding of operations, headers and certificates. */

import { FIRST_EPOCH } from "../../src/ledger/epochs.ts";
import { genesisHeader } from "../../src/ledger/header.ts";
import { sha256 } from "../../src/node/base/crypto.ts";
import { decodeHeader, encodeHeader } from "../../src/primitives/block.ts";
import { height, validatorIndex, view } from "../../src/primitives/numbers.ts";
import {
  assembleOperation,
  decodeSignedOperation,
  encodeOperation,
} from "../../src/primitives/operation.ts";
import { encodeResultLeaf } from "../../src/primitives/result.ts";
import {
  type Certificate,
  decodeCertificate,
  encodeCertificate,
} from "../../src/primitives/vote.ts";
import type { MicroBench } from "./open-group.ts";
import { smallLedger } from "./small-ledger.ts";

export async function open(): Promise<MicroBench> {
  const { network, transfers } = smallLedger(2, 1);
  const { networkId } = network.context;
  const [signed] = transfers;
  if (signed === undefined) throw new Error("a transfer was made");
  const { operation, signature, bytes } = signed;
  const header = genesisHeader(network.context);
  const headerBytes = encodeHeader(header);
  const certificate = sampleCertificate();
  const certificateBytes = encodeCertificate(certificate);
  return {
    benchmarks: [
      { name: "encode a transfer", run: () => encodeOperation(networkId, operation) },
      {
        name: "encode and hash a signed transfer",
        run: () => assembleOperation(sha256, networkId, { operation, signature }),
      },
      {
        name: "decode and hash a signed transfer",
        run: () => decodeSignedOperation(sha256, networkId, bytes),
      },
      {
        name: "encode the leaf of a result",
        run: () => encodeResultLeaf(networkId, signed, { status: "applied" }),
      },
      { name: "encode a header", run: () => encodeHeader(header) },
      { name: "decode a header", run: () => decodeHeader(headerBytes) },
      { name: "encode a certificate of 3", run: () => encodeCertificate(certificate) },
      { name: "decode a certificate of 3", run: () => decodeCertificate(certificateBytes) },
    ],
  };
}

function sampleCertificate(): Certificate {
  return {
    subject: {
      kind: "finalize",
      epoch: FIRST_EPOCH,
      view: view(7),
      height: height(5),
      blockHash: new Uint8Array(32).fill(5),
    },
    signatures: [0, 1, 2].map((signer) => {
      return { signer: validatorIndex(signer), signature: new Uint8Array(64).fill(signer) };
    }),
  };
}
