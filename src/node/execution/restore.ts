/** Rebuilds the final state from the store at a start, and compares it with its header (A6). */
import { type BlockCertificate, isBlockCertificate } from "../../consensus/certificates.ts";
import type { LedgerContext } from "../../ledger/context.ts";
import { genesisHeader } from "../../ledger/header.ts";
import { decodeNetworkRecord, firstNetworkRecord } from "../../ledger/network-record.ts";
import {
  genesisState,
  restoreState,
  type State,
  stateRoot,
  withWallets,
} from "../../ledger/state.ts";
import { decodeWalletRecord, type WalletRecord } from "../../ledger/wallet-record.ts";
import { oldestInWindow } from "../../ledger/window.ts";
import { assembleBlock, type Block, decodeHeader } from "../../primitives/block.ts";
import { equalBytes } from "../../primitives/bytes.ts";
import { EncodingError } from "../../primitives/encoding.ts";
import type { Digest } from "../../primitives/hash.ts";
import { MerkleTrie } from "../../primitives/merkle-trie.ts";
import { type Height, height } from "../../primitives/numbers.ts";
import { decodeSignedOperation } from "../../primitives/operation.ts";
import { decodeCertificate } from "../../primitives/vote.ts";
import type { Blocks, Store, StoredBlock } from "../../storage/contracts.ts";
import { StorageCorruption } from "../../storage/storage-errors.ts";
import type { Committed } from "./finalizer.ts";

export interface Restored extends Committed {
  /** None if the chain has only the genesis. */
  readonly finalization: BlockCertificate | undefined;
}

/** Throws StorageCorruption if the store contradicts itself. */
export async function restore(
  context: LedgerContext,
  { blocks, state: stored }: Pick<Store, "blocks" | "state">,
): Promise<Restored> {
  const tip = await blocks.loadTip();
  if (tip === undefined) return atGenesis(context);
  const bytes = await blocks.loadHeader(tip.height);
  const header = bytes === undefined ? undefined : decodeHeader(bytes);
  if (header === undefined || header instanceof EncodingError) throw damaged("tip header");
  const usedIds = await recentIds(context, blocks, { tip: tip.height, time: header.time });
  const state = await storedState(context, stored, { header, usedIds });
  if (!equalBytes(stateRoot(context, state), header.stateRoot)) {
    throw new StorageCorruption(
      "the wallets and the ceremony",
      `they do not give the state root of height ${tip.height}`,
    );
  }
  const proof = await blocks.loadFinalization(tip.height);
  const finalization = proof === undefined ? undefined : decodeCertificate(proof.certificate);
  if (finalization === undefined || finalization instanceof EncodingError) {
    throw damaged("finalization of the tip");
  }
  if (!isBlockCertificate(finalization)) {
    throw new StorageCorruption("the finalization of the tip", "it finalizes no block");
  }
  return { state, header, hash: tip.hash, finalization };
}

/** The stored wallets and ceremony as the state after `header`; the caller compares the state root. */
export async function storedState(
  context: LedgerContext,
  stored: Store["state"],
  { header, usedIds }: Pick<Parameters<typeof restoreState>[1], "header" | "usedIds">,
): Promise<State> {
  const kept = await stored.loadCeremony();
  const record =
    kept === undefined
      ? firstNetworkRecord(context.epochAt(height(0)))
      : decodeNetworkRecord(context.networkId, kept);
  if (record instanceof EncodingError) throw damaged("ceremony record");
  const wallets = await storedWallets(context, stored);
  return restoreState(context, { header, wallets, record, usedIds });
}

/** Number of wallets that enter the trie at a time. */
const WALLETS_AT_A_TIME = 1024;

async function storedWallets(
  context: LedgerContext,
  stored: Store["state"],
): Promise<MerkleTrie<WalletRecord>> {
  let wallets = MerkleTrie.empty(context.walletTrie);
  let records: WalletRecord[] = [];
  for await (const { record } of stored.wallets()) {
    const wallet = decodeWalletRecord(context.networkId, record);
    if (wallet instanceof EncodingError) throw damaged("wallet record");
    records.push(wallet);
    if (records.length < WALLETS_AT_A_TIME) continue;
    wallets = withWallets(context, wallets, records);
    records = [];
  }
  return withWallets(context, wallets, records);
}

/** A stored block in the form that other code uses. */
export function readStored(hash: Digest, stored: StoredBlock): Block {
  const header = decodeHeader(stored.header);
  if (header instanceof EncodingError) throw damaged(`header of height ${stored.height}`);
  return { header, headerBytes: stored.header, hash, operations: stored.operations };
}

function atGenesis(context: LedgerContext): Restored {
  const state = genesisState(context);
  const { header, hash } = assembleBlock(context.hash, genesisHeader(context), []);
  return { state, header, hash, finalization: undefined };
}

/** Ids of all blocks whose time is the tip's - grace - lifetime or later (L7), in the order of the chain. */
async function recentIds(
  context: LedgerContext,
  blocks: Blocks,
  at: { readonly tip: Height; readonly time: number },
): Promise<{ key: string; validUntil: number }[]> {
  const oldest = oldestInWindow(context.genesis.timings, at.time);
  const found: { key: string; validUntil: number }[][] = [];
  for (let h: number = at.tip; h > 0; h--) {
    const stored = await blocks.loadBlock(height(h));
    const header = stored === undefined ? undefined : decodeHeader(stored.header);
    if (stored === undefined || header === undefined || header instanceof EncodingError) {
      throw damaged(`block of height ${h}`);
    }
    if (header.time < oldest) break;
    found.push(
      stored.operations.map((bytes) => {
        const signed = decodeSignedOperation(context.hash, context.networkId, bytes);
        if (signed instanceof EncodingError) throw damaged(`operation of height ${h}`);
        return { key: signed.key, validUntil: signed.operation.validUntil };
      }),
    );
  }
  return found.reverse().flat();
}

function damaged(what: string): StorageCorruption {
  return new StorageCorruption(`the ${what}`, "it cannot be decoded");
}
