/** The finalized chain over records: one atomic batch for each commit, cheap reads by height, hash and key. */
import { assert } from "../primitives/assert.ts";
import type { Bytes } from "../primitives/bytes.ts";
import { Encoder } from "../primitives/encoding.ts";
import { DIGEST_LENGTH, type Digest } from "../primitives/hash.ts";
import type { WalletId } from "../primitives/ids.ts";
import { LIMITS } from "../primitives/limits.ts";
import { type Height, height } from "../primitives/numbers.ts";
import type {
  Chain,
  Commit,
  FinalizedBlock,
  OperationLocation,
  PastBlocks,
  StoredBlock,
  StoredFinalization,
  StoredWallet,
  Tip,
} from "./contracts.ts";
import { StorageCorruption } from "./errors.ts";
import { filledDownTo, type History, isWhole, WHOLE_HISTORY } from "./history.ts";
import type { JournalRecords } from "./journal-records.ts";
import type { Change } from "./key-value.ts";
import {
  blockHashKey,
  creationKey,
  numberedKey,
  numberOfKey,
  operationLocationKey,
  singleKey,
  walletKey,
  walletOfKey,
  wholeKind,
} from "./keys.ts";
import { del, put, type Records, readRecord } from "./records.ts";

const TIP_KEY = singleKey("tip");
const HISTORY_KEY = singleKey("history");
const CEREMONY_KEY = singleKey("ceremony");
const WALLETS = wholeKind(Buffer.from("w"));
const FINALIZATIONS = wholeKind(numberedKey("finalization", 0));

export class ChainRecords implements Chain {
  readonly #records: Records;
  readonly #journal: JournalRecords;
  /** Of the last durable commit. */
  #tip: Tip | undefined;
  /** Of the last commit called. */
  #calledHeight: Height | undefined;
  /** As of the last durable write. */
  #history: History;
  /** Places by operation key that are being written: the records do not show them yet. */
  readonly #placing = new Map<string, Height>();

  private constructor(
    records: Records,
    journal: JournalRecords,
    held: { readonly tip: Tip | undefined; readonly history: History },
  ) {
    this.#records = records;
    this.#journal = journal;
    this.#tip = held.tip;
    this.#calledHeight = held.tip?.height;
    this.#history = held.history;
  }

  static async open(records: Records, journal: JournalRecords): Promise<ChainRecords> {
    const stored = records.load(TIP_KEY);
    const tip =
      stored &&
      readRecord(TIP_KEY, stored, (decoder) => ({
        height: height(decoder.safeU64()),
        hash: decoder.fixed(DIGEST_LENGTH),
      }));
    const chain = new ChainRecords(records, journal, { tip, history: loadHistory(records) });
    if (tip !== undefined && (await chain.loadBlock(tip.height)) === undefined) {
      throw new StorageCorruption(`block ${tip.height}`, "the newest block is missing");
    }
    return chain;
  }

  async commit(commit: Commit): Promise<void> {
    const tip = lastOf(commit.blocks, this.#calledHeight ?? 0);
    this.#calledHeight = tip.height;
    await this.#records.write(this.#commitChanges(commit, tip));
    this.#placed(commit.blocks);
    this.#tip = tip;
  }

  async startFrom(commit: Commit): Promise<void> {
    const [block, ...more] = commit.blocks;
    const below = this.#calledHeight ?? height(0);
    assert(block !== undefined && more.length === 0, "a snapshot is of one block");
    assert(isWhole(this.#history), "there is one hole at a time");
    assert(block.height > below + 1, "a snapshot lies above what is held");
    const tip = { height: block.height, hash: block.hash };
    this.#calledHeight = tip.height;
    const history = { snapshot: tip.height, from: tip.height, below };
    await this.#records.write([...this.#commitChanges(commit, tip), putHistory(history)]);
    this.#placed(commit.blocks);
    this.#tip = tip;
    this.#history = history;
  }

  async fill({ blocks, finalizations, seals }: PastBlocks): Promise<void> {
    const { from } = this.#history;
    const lowest = blocks.at(-1);
    assert(lowest !== undefined && lowest.height > this.#history.below, "blocks of the hole");
    assert(
      blocks.every((block, place) => block.height === from - 1 - place),
      "blocks of the past descend without a gap",
    );
    const changes = blocks.flatMap((block) => this.#blockChanges(block));
    for (const { height: at, certificate } of finalizations) {
      changes.push(put(numberedKey("finalization", at), certificate));
    }
    for (const { height: at, seal } of seals) changes.push(put(numberedKey("seal", at), seal));
    const history = filledDownTo(this.#history, lowest.height);
    await this.#records.write([...changes, putHistory(history)]);
    this.#placed(blocks);
    this.#history = history;
  }

  get history(): History {
    return this.#history;
  }

  async loadTip(): Promise<Tip | undefined> {
    return this.#tip;
  }

  async loadBlock(at: Height): Promise<StoredBlock | undefined> {
    const bodyKey = numberedKey("body", at);
    const header = await this.loadHeader(at);
    const body = await this.#records.loadLarge(bodyKey);
    if (header === undefined && body === undefined) return undefined;
    if (header === undefined) throw new StorageCorruption(`block ${at}`, "its header is missing");
    if (body === undefined) throw new StorageCorruption(`block ${at}`, "its body is missing");
    const operations = readRecord(bodyKey, body, (decoder) =>
      decoder.list(LIMITS.blockOperationsMax, (inner) => inner.bytes(LIMITS.operationBytesMax)),
    );
    return { height: at, header, operations };
  }

  async loadHeader(at: Height): Promise<Bytes | undefined> {
    return this.#records.load(numberedKey("header", at));
  }

  async loadHeightOf(blockHash: Digest): Promise<Height | undefined> {
    const key = blockHashKey(blockHash);
    const stored = this.#records.load(key);
    return stored && readRecord(key, stored, (decoder) => height(decoder.safeU64()));
  }

  async loadResults(at: Height): Promise<Bytes | undefined> {
    return this.#records.loadLarge(numberedKey("results", at));
  }

  async loadFinalization(at: Height): Promise<StoredFinalization | undefined> {
    const found = await this.#records.atOrAbove(
      numberedKey("finalization", at),
      FINALIZATIONS.below,
    );
    return found && { height: height(numberOfKey(found.key)), certificate: found.value };
  }

  async *blocks(from: Height, to?: Height): AsyncGenerator<StoredBlock> {
    const top = this.#tip?.height ?? -1;
    const last = Math.min(to ?? top, top);
    for (let at: number = from; at <= last; at++) {
      const block = await this.loadBlock(height(at));
      if (block === undefined) throw new StorageCorruption(`block ${at}`, "it is missing");
      yield block;
    }
  }

  async *wallets(): AsyncGenerator<StoredWallet> {
    for await (const { key, value } of this.#records.range(WALLETS)) {
      yield { id: walletOfKey(key), record: value };
    }
  }

  async loadWallet(id: WalletId): Promise<Bytes | undefined> {
    return this.#records.load(walletKey(id));
  }

  async loadOperation(key: string): Promise<OperationLocation | undefined> {
    return this.#loadLocation(operationLocationKey(key));
  }

  async loadCreation(wallet: WalletId): Promise<OperationLocation | undefined> {
    return this.#loadLocation(creationKey(wallet));
  }

  async loadCeremony(): Promise<Bytes | undefined> {
    return this.#records.load(CEREMONY_KEY);
  }

  async mendBlock({ height: at, header, operations }: StoredBlock): Promise<void> {
    assert(at <= (this.#tip?.height ?? 0), "only what was committed is mended");
    await this.#records.write([
      put(numberedKey("header", at), header),
      put(numberedKey("body", at), encodeBody(operations)),
    ]);
  }

  async mendFinalization(from: Height, { height: to, certificate }: StoredFinalization) {
    assert(from <= to && to <= (this.#tip?.height ?? 0), "only what was committed is mended");
    const changes = Array.from({ length: to - from }, (_, place) =>
      del(numberedKey("finalization", from + place)),
    );
    await this.#records.write([...changes, put(numberedKey("finalization", to), certificate)]);
  }

  #commitChanges(commit: Commit, tip: Tip): Change[] {
    const changes = commit.blocks.flatMap((block) => this.#blockChanges(block));
    for (const { id, record } of commit.wallets) changes.push(put(walletKey(id), record));
    changes.push(put(numberedKey("finalization", tip.height), commit.finalization));
    changes.push(
      put(TIP_KEY, new Encoder().u64(tip.height).fixed(tip.hash, DIGEST_LENGTH).finish()),
    );
    if (commit.ceremony !== undefined) changes.push(put(CEREMONY_KEY, commit.ceremony));
    if (commit.pruneJournalBelow !== undefined) {
      for (const change of this.#journal.pruning(commit.pruneJournalBelow)) changes.push(change);
    }
    return changes;
  }

  #loadLocation(key: Bytes): OperationLocation | undefined {
    const stored = this.#records.load(key);
    return (
      stored &&
      readRecord(key, stored, (decoder) => ({
        height: height(decoder.safeU64()),
        index: decoder.u32(),
      }))
    );
  }

  #blockChanges(block: FinalizedBlock): Change[] {
    const { height: at, operations, operationKeys } = block;
    assert(operationKeys.length === operations.length, "every operation of a block has its key");
    const changes = [
      put(numberedKey("header", at), block.header),
      put(numberedKey("body", at), encodeBody(operations)),
      put(numberedKey("results", at), block.results),
      put(blockHashKey(block.hash), new Encoder().u64(at).finish()),
    ];
    operationKeys.forEach((operationKey, index) => {
      const key = operationLocationKey(operationKey);
      const held = this.#placing.get(operationKey) ?? this.#loadLocation(key)?.height;
      // A block of the past comes after those above it: its place is the first all the same.
      if (held !== undefined && held <= at) return;
      changes.push(put(key, location(at, index)));
      this.#placing.set(operationKey, at);
    });
    for (const { wallet, index } of block.creations) {
      changes.push(put(creationKey(wallet), location(at, index)));
    }
    return changes;
  }

  /** The records show it now. */
  #placed(blocks: readonly FinalizedBlock[]): void {
    for (const { height: at, operationKeys } of blocks) {
      for (const key of operationKeys) if (this.#placing.get(key) === at) this.#placing.delete(key);
    }
  }
}

function loadHistory(records: Records): History {
  const stored = records.load(HISTORY_KEY);
  if (stored === undefined) return WHOLE_HISTORY;
  return readRecord(HISTORY_KEY, stored, (decoder) => ({
    snapshot: height(decoder.safeU64()),
    from: height(decoder.safeU64()),
    below: height(decoder.safeU64()),
  }));
}

function putHistory({ snapshot, from, below }: History): Change {
  return put(HISTORY_KEY, new Encoder().u64(snapshot).u64(from).u64(below).finish());
}

/** The last of `blocks`, which must be children of one another and of the block at `parent`. */
function lastOf(blocks: readonly FinalizedBlock[], parent: number): Tip {
  const last = blocks.at(-1);
  assert(last !== undefined, "a commit has a block");
  const first = last.height - blocks.length + 1;
  assert(first === parent + 1, `commit of block ${first} above ${parent}`);
  assert(
    blocks.every((block, place) => block.height === first + place),
    "blocks of a commit ascend without a gap",
  );
  return { height: last.height, hash: last.hash };
}

function encodeBody(operations: readonly Bytes[]): Bytes {
  return new Encoder().list(operations, (bytes, encoder) => encoder.bytes(bytes)).finish();
}

/** As `Encoder` would write it; there are a thousand of these in a commit. */
function location(at: Height, index: number): Bytes {
  const bytes = Buffer.allocUnsafe(12);
  bytes.writeBigUInt64BE(BigInt(at));
  bytes.writeUInt32BE(index, 8);
  return bytes;
}
