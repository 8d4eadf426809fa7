/** Rebuilds the final state from the store at a start, and compares it with its header (A6). */
import { type BlockCertificate, isBlockCertificate } from "../../consensus/certificates.ts";
import type { LedgerContext } from "../../ledger/context.ts";
import { genesisHeader } from "../../ledger/header.ts";
import { decodeNetworkRecord, firstNetworkRecord } from "../../ledger/network-record.ts";
import {
  genesisState,
  type RestoredState,
  restoreState,
  type State,
  stateRoot,
} from "../../ledger/state.ts";
import {
  decodeWalletRecord,
  isUnfunded,
  namesSponsor,
  packedWalletTrieKeys,
  type WalletRecord,
} from "../../ledger/wallet-record.ts";
import { oldestInWindow } from "../../ledger/window.ts";
import { assembleBlock, type Block, decodeHeader } from "../../primitives/block.ts";
import { equalBytes } from "../../primitives/bytes.ts";
import { EncodingError } from "../../primitives/encoding.ts";
import type { Digest } from "../../primitives/hash.ts";
import { type IdInUse, idReader } from "../../primitives/id-in-use.ts";
import { MerkleTrie } from "../../primitives/merkle-trie.ts";
import { type Height, height } from "../../primitives/numbers.ts";
import { TrieLeaves } from "../../primitives/trie-leaves.ts";
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
  return restoreState(context, { header, ...wallets, record, usedIds });
}

/**
 * The trie of the stored wallets. Their records are not decoded here, but for those with a sponsor: the state root, which the
 * caller compares, tells whether they are the ones that blocks left.
 */
async function storedWallets(
  context: LedgerContext,
  stored: Store["state"],
): Promise<Pick<RestoredState, "wallets" | "sponsored">> {
  const { hash, networkId, walletTrie } = context;
  const keyOf = packedWalletTrieKeys(hash, networkId);
  const leaves = new TrieLeaves(walletTrie);
  const sponsored: WalletRecord[] = [];
  for await (const part of stored.walletParts()) {
    for (const { id, record } of part) {
      const isOne = leaves.add(keyOf(id), record);
      if (!isOne) throw damaged("wallet record");
      if (!namesSponsor(record, walletTrie.prefix)) continue;
      const wallet = decodeWalletRecord(networkId, record);
      if (wallet instanceof EncodingError) throw damaged("wallet record");
      if (isUnfunded(wallet)) sponsored.push(wallet);
    }
  }
  return { wallets: MerkleTrie.of(walletTrie, leaves), sponsored };
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
): Promise<IdInUse[]> {
  const oldest = oldestInWindow(context.genesis.timings, at.time);
  const found: IdInUse[][] = [];
  const readId = idReader(context.networkId);
  for (let h: number = at.tip; h > 0; h--) {
    const stored = await blocks.loadBlock(height(h));
    const header = stored === undefined ? undefined : decodeHeader(stored.header);
    if (stored === undefined || header === undefined || header instanceof EncodingError) {
      throw damaged(`block of height ${h}`);
    }
    if (header.time < oldest) break;
    found.push(
      stored.operations.map((bytes) => {
        const id = readId(bytes);
        if (id instanceof EncodingError) throw damaged(`operation of height ${h}`);
        return id;
      }),
    );
  }
  return found.reverse().flat();
}

function damaged(what: string): StorageCorruption {
  return new StorageCorruption(`the ${what}`, "it cannot be decoded");
}
