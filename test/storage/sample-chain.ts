/** Blocks and records whose bytes all follow from their height, so that a reader knows the expected contents. */
import { createHash } from "node:crypto";
import type { Bytes } from "../../src/primitives/bytes.ts";
import { toHex } from "../../src/primitives/bytes.ts";
import { uuidFromBytes, type WalletId } from "../../src/primitives/ids.ts";
import { height } from "../../src/primitives/numbers.ts";
import type { Commit, FinalizedBlock } from "../../src/storage/contracts.ts";

export const OPERATIONS_PER_BLOCK = 8;
/** Touched by every block. */
export const busyWallet = walletNamed("busy");

export function bytesNamed(name: string, length = 32): Bytes {
  return Uint8Array.from(createHash("shake256", { outputLength: length }).update(name).digest());
}

export function walletNamed(name: string): WalletId {
  return uuidFromBytes(bytesNamed(`wallet ${name}`, 16));
}

/** The key of a transfer or, every third time, that of another operation. */
export function operationKeyAt(at: number, index: number): string {
  const id = uuidFromBytes(bytesNamed(`operation ${at} ${index}`, 16));
  const author = toHex(bytesNamed(`author ${at} ${index}`));
  return index % 3 === 0 ? `${author}/${id}` : `${walletNamed(`${at} ${index}`)}/${id}`;
}

export function sampleBlock(at: number): FinalizedBlock {
  const places = Array.from({ length: OPERATIONS_PER_BLOCK }, (_, index) => index);
  return {
    height: height(at),
    hash: bytesNamed(`hash ${at}`),
    header: bytesNamed(`header ${at}`, 300),
    operations: places.map((index) => bytesNamed(`operation bytes ${at} ${index}`, 200 + index)),
    results: bytesNamed(`results ${at}`, OPERATIONS_PER_BLOCK),
    operationKeys: places.map((index) => operationKeyAt(at, index)),
    creations: [{ wallet: walletNamed(`created ${at}`), index: 0 }],
    entries: [
      { wallet: walletNamed(`created ${at}`), index: 0, record: bytesNamed(`entry ${at} 0`, 40) },
      ...places.slice(1, 4).map((index) => ({
        wallet: busyWallet,
        index,
        record: bytesNamed(`entry ${at} ${index}`, 60),
      })),
    ],
    declines: [{ wallet: busyWallet, index: 5 }],
  };
}

export function sampleCommit(first: number, last = first): Commit {
  const heights = Array.from({ length: last - first + 1 }, (_, place) => first + place);
  const created = heights.map((at) => ({
    id: walletNamed(`created ${at}`),
    record: bytesNamed(`record of created ${at}`, 140),
  }));
  return {
    blocks: heights.map(sampleBlock),
    finalization: bytesNamed(`finalization ${last}`, 250),
    wallets: [...created, { id: busyWallet, record: bytesNamed(`busy after ${last}`, 140) }],
    ceremony: bytesNamed(`ceremony ${last}`, 90),
  };
}
