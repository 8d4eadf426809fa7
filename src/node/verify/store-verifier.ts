/**
 * Checks a whole store offline and without trust. It replays the chain from the genesis with every signature, root,
 * certificate and seal; every other record must follow from the chain.
 */
import type { LedgerContext } from "../../ledger/context.ts";
import { encodeNetworkRecord, firstNetworkRecord } from "../../ledger/network-record.ts";
import { assertConservation, findWallet } from "../../ledger/state.ts";
import { encodeWalletRecord } from "../../ledger/wallet-record.ts";
import { type Bytes, equalBytes } from "../../primitives/bytes.ts";
import { type Height, height, type ValidatorIndex } from "../../primitives/numbers.ts";
import type { Store } from "../../storage/contracts.ts";
import { type History, isWhole } from "../../storage/history.ts";
import { StorageCorruption } from "../../storage/storage-errors.ts";
import type { SignatureChecker } from "../base/signature-checker.ts";
import { ChainVerifier } from "./chain-verifier.ts";
import { FoundFault } from "./found-fault.ts";
import { JournalVerifier } from "./journal-verifier.ts";
import { PrunedVerifier } from "./pruned-verifier.ts";
import { checkSeals } from "./seal-check.ts";

export interface StoreVerifierParts {
  readonly context: LedgerContext;
  readonly store: Store;
  readonly checker: SignatureChecker;
  /** The member whose store it is. */
  readonly self: ValidatorIndex;
  /** Called after every block. */
  readonly onBlock: (done: number, total: number) => void;
}

/** The contents of a sound store. */
export interface StoreReport {
  readonly kind: "sound";
  readonly height: Height;
  readonly blockTime: number;
  readonly stateRoot: Bytes;
  readonly operations: number;
  readonly signatures: number;
  readonly wallets: number;
  /** Minor units by asset code. */
  readonly supply: Readonly<Record<string, bigint>>;
  readonly seals: number;
  readonly lastSealedHeight: number;
  readonly journalRecords: number;
  /** Number of records of all kinds, each read and compared with its checksum. */
  readonly records: number;
}

/** The first fault. */
export interface StoreFault {
  readonly kind: "fault";
  /** The record, such as "block 12". */
  readonly where: string;
  /** A clause that follows it. */
  readonly problem: string;
}

/** The store lacks blocks: the chain above a hole cannot be replayed. */
export interface StoreIncomplete extends History {
  readonly kind: "incomplete";
}

/**
 * A sound store without the contents of old blocks (pruned-verifier.ts). Nothing was executed again; `operations` are those of the
 * blocks that have their contents.
 */
export interface StorePruned extends Omit<StoreReport, "kind"> {
  readonly kind: "pruned";
  readonly bodiesFrom: Height;
  /** Number of blocks that have their contents. */
  readonly bodies: number;
}

const COUNTED = [
  ["headers", "headers"],
  ["bodies", "bodies of blocks"],
  ["results", "results of blocks"],
  ["finalizations", "finalizations"],
  ["blockHashes", "heights by block hash"],
  ["operations", "locations of operations"],
  ["creations", "locations of creations"],
  ["entries", "entries of statements"],
  ["declines", "declined payments"],
] as const;

export async function verifyStore(
  parts: StoreVerifierParts,
): Promise<StoreReport | StoreFault | StoreIncomplete | StorePruned> {
  const { history, bodiesFrom } = parts.store.blocks;
  if (!isWhole(history)) return { kind: "incomplete", ...history };
  try {
    return await (bodiesFrom > 1 ? new PrunedVerifier(parts) : new StoreVerifier(parts)).run();
  } catch (error) {
    if (error instanceof FoundFault)
      return { kind: "fault", where: error.where, problem: error.message };
    if (error instanceof StorageCorruption) {
      return { kind: "fault", where: error.record, problem: "is not what was written" };
    }
    throw error;
  }
}

class StoreVerifier {
  readonly #parts: StoreVerifierParts;
  readonly #chain: ChainVerifier;

  constructor(parts: StoreVerifierParts) {
    this.#parts = parts;
    const { context, checker, store } = parts;
    this.#chain = new ChainVerifier({ context, checker, store });
  }

  async run(): Promise<StoreReport> {
    const { context, store, checker, self, onBlock } = this.#parts;
    const tip = await store.blocks.loadTip();
    const total = tip?.height ?? 0;
    for (let at = 1; at <= total; at++) {
      await this.#chain.next(height(at), total);
      onBlock(at, total);
    }
    if (tip !== undefined && !equalBytes(tip.hash, this.#chain.tip.hash)) {
      throw new FoundFault("the store's tip", "names another block than the highest one");
    }
    await this.#checkState();
    const { ceremony } = this.#chain.state;
    const seals = await checkSeals({ context, store }, ceremony, height(total));
    const journal = new JournalVerifier({ context, store, checker, self, tip: height(total) });
    const journalRecords = await journal.run();
    const records = await this.#checkCounts(total);
    const { header } = this.#chain.tip;
    const { assets } = context.genesis;
    return {
      kind: "sound",
      height: header.height,
      blockTime: header.time,
      stateRoot: header.stateRoot,
      operations: this.#chain.operations,
      signatures: this.#chain.signatures + journal.signatures,
      wallets: header.walletCount,
      supply: Object.fromEntries(assets.map(({ code }, i) => [code, header.supply[i] ?? 0n])),
      ...seals,
      journalRecords,
      records,
    };
  }

  /** The newest records must be those of the state at the end of the replay. */
  async #checkState(): Promise<void> {
    const { context, store } = this.#parts;
    const { networkId } = context;
    const state = this.#chain.state;
    let count = 0;
    for await (const { id, record } of store.state.wallets()) {
      const expected = findWallet(context, state, id);
      if (expected === undefined || !equalBytes(record, encodeWalletRecord(networkId, expected))) {
        throw new FoundFault(`the record of wallet ${id}`, "is not what the chain gives");
      }
      count += 1;
    }
    if (count !== state.wallets.size) {
      throw new FoundFault(
        "the wallets",
        `are ${count}, where the chain gives ${state.wallets.size}`,
      );
    }
    assertConservation(state);
    const first = firstNetworkRecord(this.#parts.context.epochAt(height(0)));
    const record = (await store.state.loadCeremony()) ?? encodeNetworkRecord(networkId, first);
    if (!equalBytes(record, encodeNetworkRecord(networkId, state))) {
      throw new FoundFault("the ceremony record", "is not what the chain gives");
    }
  }

  /** Every record that follows from the chain was found, so any further record does not follow from it. */
  async #checkCounts(total: number): Promise<number> {
    const { all, ...counts } = await this.#parts.store.readAll();
    const blocks = { headers: total, bodies: total, results: total, blockHashes: total };
    const expected = { ...blocks, ...this.#chain.indexed };
    for (const [kind, name] of COUNTED) {
      const [is, gives] = [counts[kind], expected[kind]];
      if (is === gives) continue;
      throw new FoundFault(`the ${name}`, `are ${is}, where the chain gives ${gives}`);
    }
    return all;
  }
}
