/** Records of finalized blocks: reads by height and hash, and the repair of damaged ones. */
import { assert } from "../primitives/assert.ts";
import type { Bytes } from "../primitives/bytes.ts";
import { Encoder, EncodingError } from "../primitives/encoding.ts";
import { DIGEST_LENGTH, type Digest } from "../primitives/hash.ts";
import { LIMITS } from "../primitives/limits.ts";
import { type Height, height } from "../primitives/numbers.ts";
import type {
  BlockRepair,
  Blocks,
  ChainTip,
  StoredBlock,
  StoredFinalization,
} from "./contracts.ts";
import { type History, isHistory, WHOLE_HISTORY } from "./history.ts";
import type { Change } from "./key-value.ts";
import { blockHashKey, numberedKey, numberOfKey, singleKey, wholeKind } from "./keys.ts";
import { del, put, type Records, readRecord } from "./records.ts";
import { StorageCorruption } from "./storage-errors.ts";

const TIP_KEY = singleKey("tip");
const HISTORY_KEY = singleKey("history");
const BODIES_KEY = singleKey("bodies");
const FINALIZATIONS = wholeKind(numberedKey("finalization", 0));

export class BlockRecords implements Blocks, BlockRepair {
  readonly #records: Records;
  /** The block of the last durable commit. */
  #tip: ChainTip | undefined;
  /** The history as of the last durable write. */
  #history: History;
  #bodiesFrom: Height;

  private constructor(records: Records) {
    this.#records = records;
    this.#tip = loadTip(records);
    this.#history = loadHistory(records);
    this.#bodiesFrom = loadBodiesFrom(records);
  }

  static async open(records: Records): Promise<BlockRecords> {
    const blocks = new BlockRecords(records);
    const tip = blocks.#tip;
    if (tip !== undefined && (await blocks.loadBlock(tip.height)) === undefined) {
      throw new StorageCorruption(`block ${tip.height}`, "the newest block is missing");
    }
    return blocks;
  }

  /** Updates the history to the writer's latest durable write. */
  written(now: {
    readonly tip?: ChainTip;
    readonly history?: History;
    readonly bodiesFrom?: Height;
  }): void {
    this.#tip = now.tip ?? this.#tip;
    this.#history = now.history ?? this.#history;
    this.#bodiesFrom = now.bodiesFrom ?? this.#bodiesFrom;
  }

  get bodiesFrom(): Height {
    return this.#bodiesFrom;
  }

  get history(): History {
    return this.#history;
  }

  get tip(): ChainTip | undefined {
    return this.#tip;
  }

  async loadTip(): Promise<ChainTip | undefined> {
    return this.#tip;
  }

  async loadBlock(at: Height): Promise<StoredBlock | undefined> {
    const bodyKey = numberedKey("body", at);
    const header = await this.loadHeader(at);
    const body = await this.#records.loadLarge(bodyKey);
    if (header === undefined && body === undefined) return undefined;
    if (header === undefined) throw new StorageCorruption(`block ${at}`, "its header is missing");
    if (body === undefined && at < this.#bodiesFrom) return undefined;
    if (body === undefined) throw new StorageCorruption(`block ${at}`, "its body is missing");
    return { height: at, header, operations: readBody(bodyKey, body) };
  }

  async loadHeader(at: Height): Promise<Bytes | undefined> {
    return this.#records.load(numberedKey("header", at));
  }

  async loadHeightOf(blockHash: Digest): Promise<Height | undefined> {
    const key = blockHashKey(blockHash);
    const stored = this.#records.load(key);
    return stored && readRecord(key, stored, (decoder) => height(decoder.safeU64()));
  }

  async loadFinalization(at: Height): Promise<StoredFinalization | undefined> {
    const found = await this.#records.atOrAbove(
      numberedKey("finalization", at),
      FINALIZATIONS.below,
    );
    return found && { height: height(numberOfKey(found.key)), certificate: found.value };
  }

  async *ascending(from: Height, to?: Height): AsyncGenerator<StoredBlock> {
    const top = this.#tip?.height ?? -1;
    const last = Math.min(to ?? top, top);
    for (let at: number = from; at <= last; at++) {
      const block = await this.loadBlock(height(at));
      if (block === undefined && at < this.#bodiesFrom) return;
      if (block === undefined) throw new StorageCorruption(`block ${at}`, "it is missing");
      yield block;
    }
  }

  async rewriteBlock({ height: at, header, operations }: StoredBlock): Promise<void> {
    assert(at <= (this.#tip?.height ?? 0), "only what was committed is repaired");
    await this.#records.write([
      put(numberedKey("header", at), header),
      put(numberedKey("body", at), encodeBody(operations)),
    ]);
  }

  async replaceFinalizations(from: Height, { height: to, certificate }: StoredFinalization) {
    assert(from <= to && to <= (this.#tip?.height ?? 0), "only what was committed is repaired");
    const changes = Array.from({ length: to - from }, (_, index) =>
      del(numberedKey("finalization", from + index)),
    );
    await this.#records.write([...changes, put(numberedKey("finalization", to), certificate)]);
  }
}

/** The changes that write a block's header, body and the height of its hash. */
export function blockChanges(block: StoredBlock & { readonly hash: Digest }): Change[] {
  const at = block.height;
  return [
    put(numberedKey("header", at), block.header),
    put(numberedKey("body", at), encodeBody(block.operations)),
    put(blockHashKey(block.hash), new Encoder().u64(at).finish()),
  ];
}

/** The operations in the record of a block's body. */
export function readBody(key: Bytes, value: Bytes): Bytes[] {
  return readRecord(key, value, (decoder) =>
    decoder.list(LIMITS.blockOperationsMax, (inner) => inner.bytes(LIMITS.operationBytesMax)),
  );
}

export function loadTip(records: Pick<Records, "load">): ChainTip | undefined {
  const stored = records.load(TIP_KEY);
  return (
    stored &&
    readRecord(TIP_KEY, stored, (decoder) => ({
      height: height(decoder.safeU64()),
      hash: decoder.fixed(DIGEST_LENGTH),
    }))
  );
}

export function putTip({ height: at, hash }: ChainTip): Change {
  return put(TIP_KEY, new Encoder().u64(at).fixed(hash, DIGEST_LENGTH).finish());
}

export function loadHistory(records: Pick<Records, "load">): History {
  const stored = records.load(HISTORY_KEY);
  if (stored === undefined) return WHOLE_HISTORY;
  return readRecord(HISTORY_KEY, stored, (decoder) => {
    const [snapshot, from, below] = [decoder.safeU64(), decoder.safeU64(), decoder.safeU64()];
    const history = { snapshot: height(snapshot), from: height(from), below: height(below) };
    if (!isHistory(history)) throw new EncodingError("malformed", "its blocks leave no such hole");
    return history;
  });
}

function loadBodiesFrom(records: Pick<Records, "load">): Height {
  const stored = records.load(BODIES_KEY);
  if (stored === undefined) return height(1);
  return readRecord(BODIES_KEY, stored, (decoder) => height(decoder.safeU64()));
}

/** The change that drops what `prune` drops of one block. */
export function droppedBody(at: Height): Change[] {
  return [del(numberedKey("body", at)), del(numberedKey("results", at))];
}

export function putBodiesFrom(from: Height): Change {
  return put(BODIES_KEY, new Encoder().u64(from).finish());
}

export function putHistory({ snapshot, from, below }: History): Change {
  return put(HISTORY_KEY, new Encoder().u64(snapshot).u64(from).u64(below).finish());
}

function encodeBody(operations: readonly Bytes[]): Bytes {
  return new Encoder().list(operations, (bytes, encoder) => encoder.bytes(bytes)).finish();
}
