/** Fetches the proof of the supply from one gateway, and verifies it: the newest sealed header, which holds the supply. */
import type { CallOptions } from "@connectrpc/connect";
import { encodeSupplyProof } from "../primitives/block-proof.ts";
import type { Bytes } from "../primitives/bytes.ts";
import { proofFromMessage } from "../transport/read-receipt.ts";
import { Refusal } from "../transport/refusal.ts";
import type { GatewayClient } from "./gateway-calls.ts";
import { GatewayFault, StaleAnswer } from "./ledger-error.ts";
import type { Trust } from "./receipt-verifier.ts";
import { type VerifiedSupply, verifySupplyProof } from "./wallet-proof-verifier.ts";

type SupplyCalls = Pick<GatewayClient["calls"], "getStatus" | "getBlock" | "getNetwork">;

export interface FetchedSupply {
  readonly bytes: Bytes;
  readonly verified: VerifiedSupply;
}

/** Throws GatewayFault for an answer that proves nothing, and StaleAnswer if the node knows of no sealed block. Needs `read:all`. */
export async function fetchSupplyProof(
  calls: SupplyCalls,
  trust: Trust,
  options?: CallOptions,
): Promise<FetchedSupply> {
  const { sealedHeight } = await calls.getStatus({}, options);
  if (sealedHeight === 0n) throw new StaleAnswer("the node knows of no sealed block yet");
  const [found, network] = await Promise.all([
    calls.getBlock({ height: sealedHeight, pageSize: 1 }, options),
    calls.getNetwork({}, options),
  ]);
  const { block, headerBytes, seal } = found;
  if (seal === undefined) throw new GatewayFault(`block ${sealedHeight} comes without its seal`);
  const proof = proofFromMessage({
    headers: [],
    sealPending: false,
    sealedHeader: { bytes: headerBytes, seal, header: block?.header },
    keyCertificate: network.keyCertificate,
  });
  if (proof instanceof Refusal) throw new GatewayFault(`the proof is wrong: ${proof.message}`);
  const bytes = encodeSupplyProof(proof);
  const verified = verifySupplyProof(trust, bytes);
  if (!verified.valid) throw new GatewayFault(`the proof is wrong: ${verified.problem}`);
  return { bytes, verified };
}
