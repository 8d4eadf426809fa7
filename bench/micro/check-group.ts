/** Checks of signatures, and what a node does before it takes an operation on. */
import sodium from "sodium-native/binding.js";
import { FIRST_EPOCH } from "../../src/ledger/epochs.ts";
import { signatureChecks } from "../../src/ledger/signature-checks.ts";
import { admitShape, admitToState } from "../../src/mempool/admission.ts";
import { entropy, isValidPoint, signingKeyOf, verify } from "../../src/node/base/crypto.ts";
import type { MicroBench } from "./open-group.ts";
import { smallLedger } from "./small-ledger.ts";

/** Different operations, so that the processor does not learn one of them. */
const OPERATIONS = 200;

export async function open(): Promise<MicroBench> {
  const { network, state, transfers } = smallLedger(1_000, OPERATIONS);
  const { context } = network;
  const now = state.time + 1;
  const checks = transfers.flatMap((signed) => signatureChecks(context, signed, FIRST_EPOCH) ?? []);
  const signer = signingKeyOf(entropy(32));
  const message = entropy(250);
  const ground = { state, underWay: () => 0n };
  return {
    benchmarks: [
      {
        name: "verify a signature, raw binding",
        count: OPERATIONS,
        run: () => {
          let good = 0;
          for (const { signature: s, message: m, publicKey: k } of checks) {
            const signature = [s.buffer, s.byteOffset, s.byteLength] as const;
            const signed = [m.buffer, m.byteOffset, m.byteLength] as const;
            const key = [k.buffer, k.byteOffset, k.byteLength] as const;
            if (sodium.crypto_sign_verify_detached(...signature, ...signed, ...key)) good += 1;
          }
          return good;
        },
      },
      {
        name: "verify a signature, as a node does",
        count: OPERATIONS,
        run: () => checks.filter(verify).length,
      },
      { name: "sign 250 bytes", run: () => signer.sign(message) },
      { name: "check a public key", run: () => isValidPoint(signer.publicKey) },
      {
        name: "admit a transfer by its form",
        count: OPERATIONS,
        run: () => transfers.map((each) => admitShape(context, each, { source: "client", now })),
      },
      {
        name: "admit a client's transfer by the state",
        count: OPERATIONS,
        run: () =>
          transfers.map((each) => admitToState(context, ground, each, { source: "client", now })),
      },
      {
        name: "admit a peer's transfer by the state",
        count: OPERATIONS,
        run: () =>
          transfers.map((each) => admitToState(context, ground, each, { source: "peer", now })),
      },
    ],
  };
}
