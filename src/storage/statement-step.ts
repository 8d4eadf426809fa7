/**
 * The step to layout 7: writes the claims of principals, the entries of wallets' statements and the declined payments of a
 * store that was written without them. Blocks are taken downwards from the tip, because the wallets after it are known.
 */
import { hash as digest } from "node:crypto";
import {
  type BlockDrafts,
  completeEntries,
  draftStatements,
  type Standing,
} from "../ledger/statement.ts";
import { decodeHeader, type Header } from "../primitives/block.ts";
import type { Bytes } from "../primitives/bytes.ts";
import { Decoder, Encoder, EncodingError } from "../primitives/encoding.ts";
import type { Hash } from "../primitives/hash.ts";
import type { WalletId } from "../primitives/ids.ts";
import { LIMITS } from "../primitives/limits.ts";
import { height } from "../primitives/numbers.ts";
import { readOperation } from "../primitives/operation.ts";
import { readResult } from "../primitives/result.ts";
import { putClaim, readOwner } from "./access-records.ts";
import { loadHistory, loadTip, readBody } from "./block-records.ts";
import type { Change } from "./key-value.ts";
import { numberedKey, singleKey, walletOfKey, walletOwnerKey, wholeKind } from "./keys.ts";
import type { MigrationBatch, MigrationStep } from "./migration.ts";
import { type Records, readRecord } from "./records.ts";
import { StateRecords } from "./state-records.ts";
import { StatementRecords, statementChanges } from "./statement-records.ts";
import { standingBelow } from "./statement-standing.ts";
import { StorageCorruption } from "./storage-errors.ts";

type Stored = Pick<Records, "load" | "loadLarge" | "range" | "parts">;

/** Blocks are added to a batch up to this size, which the last one exceeds by some three megabytes at most. */
const BATCH_BYTES = 2 * 1024 * 1024;
const BLOCKS_PER_BATCH = 4_096;
const CLAIMS_PER_BATCH = 5_000;
/** Wallets whose standing is kept from one batch to the next. */
const STANDINGS_MAX = 200_000;

/** In their order. "above" is the chain above a hole in the history, or the whole of it; "below" is what lies below a hole. */
const PARTS = ["claims", "above", "below"] as const;
type Part = (typeof PARTS)[number];

interface Cursor {
  readonly part: Part;
  /** The key of the last owner's record, or the number of the lowest block. */
  readonly last: Bytes;
}

export const STATEMENTS = statementStep(BLOCKS_PER_BATCH);

export function statementStep(blocksPerBatch: number): MigrationStep {
  return {
    name: "the entries of wallets' statements are written",
    growth: 1,
    batches: (records, after) => batches(records, { after, blocksPerBatch }),
  };
}

async function* batches(
  records: Stored,
  { after, blocksPerBatch }: { readonly after: Bytes | undefined; readonly blocksPerBatch: number },
): AsyncGenerator<MigrationBatch> {
  const done = after === undefined ? undefined : readCursor(after);
  const skipped = done === undefined ? -1 : PARTS.indexOf(done.part);
  if (skipped <= PARTS.indexOf("claims")) yield* claims(records, done?.last);
  const tip = loadTip(records)?.height ?? 0;
  const { from, below } = loadHistory(records);
  const topOf = (part: Part, highest: number) =>
    done?.part === part ? new Decoder(done.last).safeU64() - 1 : highest;
  if (skipped <= PARTS.indexOf("above")) {
    yield* blocksDown(records, "above", { top: topOf("above", tip), bottom: from, blocksPerBatch });
  }
  yield* blocksDown(records, "below", { top: topOf("below", below), bottom: 1, blocksPerBatch });
}

async function* claims(records: Stored, last: Bytes | undefined): AsyncGenerator<MigrationBatch> {
  const owners = wholeKind(walletOwnerKey(NO_WALLET));
  const from = last === undefined ? owners.from : Buffer.concat([last, Buffer.from([0])]);
  let changes: Change[] = [];
  let key = from;
  for await (const owner of records.range({ ...owners, from })) {
    key = owner.key;
    changes.push(putClaim(readOwner(key, owner.value), walletOfKey(key)));
    if (changes.length < CLAIMS_PER_BATCH) continue;
    yield { changes, cursor: writeCursor({ part: "claims", last: key }) };
    changes = [];
  }
  if (changes.length > 0) yield { changes, cursor: writeCursor({ part: "claims", last: key }) };
}

const CURSOR_KEY = singleKey("migration");
const CURSOR_BYTES_MAX = 64;
const NO_WALLET = "00000000-0000-0000-0000-000000000000" as WalletId;

/** Blocks from `top` down to `bottom`, both included. */
interface Descent {
  readonly top: number;
  readonly bottom: number;
  readonly blocksPerBatch: number;
}

async function* blocksDown(
  records: Stored,
  part: Part,
  { top, bottom, blocksPerBatch }: Descent,
): AsyncGenerator<MigrationBatch> {
  // The wallets after the block below a hole are stored nowhere: they follow from the blocks up to it.
  const standings = part === "below" ? await standingsAfter(records, top) : new Map();
  let changes: Change[] = [];
  let [bytes, blocks] = [0, 0];
  for (let at = top; at >= bottom; at--) {
    const { header, entries, declines } = await readBlock(records, at);
    if (part === "above") await look(records, { header, entries }, standings);
    const placed = completeEntries(entries, header.time, standings);
    for (const change of statementChanges({ height: height(at), entries: placed, declines })) {
      changes.push(change);
      bytes += sizeOf(change);
    }
    blocks += 1;
    if (at > bottom && bytes < BATCH_BYTES && blocks < blocksPerBatch) continue;
    yield { changes, cursor: writeCursor({ part, last: new Encoder().u64(at).finish() }) };
    changes = [];
    [bytes, blocks] = [0, 0];
    // The batch is written now, so that what is forgotten is found again.
    if (part === "above" && standings.size > STANDINGS_MAX) standings.clear();
  }
}

/** Adds the wallets of a block's entries that `standings` lacks. */
async function look(
  records: Stored,
  { header, entries }: Pick<ReadBlock, "header" | "entries">,
  standings: Map<WalletId, Standing>,
): Promise<void> {
  const { networkId } = header;
  const parts = {
    networkId,
    statements: new StatementRecords(records),
    state: new StateRecords(records),
  };
  for (const { wallet } of entries) {
    if (standings.has(wallet)) continue;
    standings.set(wallet, await standingBelow(parts, wallet, height(header.height + 1)));
  }
}

/** All wallets after the block of this height, worked out from the first block on. */
async function standingsAfter(records: Stored, top: number): Promise<Map<WalletId, Standing>> {
  const standings = new Map<WalletId, Standing>();
  for (let at = 1; at <= top; at++) {
    for (const { wallet, delta } of (await readBlock(records, at)).entries) {
      const { entries, balance } = standings.get(wallet) ?? { entries: 0, balance: 0n };
      standings.set(wallet, { entries: entries + 1, balance: balance + delta });
    }
  }
  return standings;
}

interface ReadBlock extends BlockDrafts {
  readonly header: Header;
}

async function readBlock(records: Stored, at: number): Promise<ReadBlock> {
  const keys = [numberedKey("header", at), numberedKey("body", at), numberedKey("results", at)];
  const [headerKey, bodyKey, resultsKey] = keys as [Bytes, Bytes, Bytes];
  const bytes = records.load(headerKey);
  const body = await records.loadLarge(bodyKey);
  const stored = await records.loadLarge(resultsKey);
  if (bytes === undefined || body === undefined || stored === undefined) {
    throw new StorageCorruption(`block ${at}`, "its header, body or results are missing");
  }
  const header = decodeHeader(bytes);
  if (header instanceof EncodingError) {
    throw new StorageCorruption(`the header of block ${at}`, "it does not read", header);
  }
  const { networkId } = header;
  const operations = readBody(bodyKey, body).map((operation) =>
    readRecord(bodyKey, operation, (decoder) => {
      const read = readOperation(decoder, networkId);
      // The signatures follow, which an entry does not need.
      decoder.fixed(operation.length - decoder.offset);
      return read;
    }),
  );
  const results = readRecord(resultsKey, stored, (decoder) =>
    decoder.list(LIMITS.blockOperationsMax, readResult),
  );
  return { header, ...draftStatements({ hash: sha256, networkId }, operations, results) };
}

const sha256: Hash = (data) => new Uint8Array(digest("sha256", data, "buffer"));

function sizeOf(change: Change): number {
  return change.key.length + (change.type === "put" ? change.value.length : 0);
}

function writeCursor({ part, last }: Cursor): Bytes {
  return new Encoder().u8(PARTS.indexOf(part)).bytes(last).finish();
}

function readCursor(bytes: Bytes): Cursor {
  return readRecord(CURSOR_KEY, bytes, (decoder) => {
    const part = PARTS[decoder.u8()];
    if (part === undefined) throw new EncodingError("malformed", "unknown part of the step");
    return { part, last: decoder.bytes(CURSOR_BYTES_MAX) };
  });
}
