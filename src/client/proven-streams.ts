/** Statements and watches of a wallet whose entries come with the receipts that prove them. */
import type { Entry } from "../../gen/countersign/v1/ledger_service_pb.ts";
import { parseUuid, type WalletId } from "../primitives/ids.ts";
import { LedgerError } from "./ledger-error.ts";
import { given, ListFault, type StatementTerms, statement } from "./lists.ts";
import { judgeEntry } from "./proven-entries.ts";
import type { ReceiptOf } from "./receipt-query.ts";
import type { VerifiedReceipt } from "./receipt-verifier.ts";
import { signedBy } from "./signed-reads.ts";
import type { LedgerReadOptions, VerifiedReads } from "./verified-reads.ts";
import { type WatchTerms, watch } from "./watch.ts";

export interface ProvenEntry {
  readonly entry: Entry;
  /**
   * The receipt that proves it: wallets, amount, currency, reference, place in the chain. Undefined if its payer used the id of an
   * earlier payment again, of which alone the gateways have a receipt: nothing is proven then, so let no goods leave.
   */
  readonly receipt: VerifiedReceipt | undefined;
}

/** Store the cursor when the event is handled: a watch from it on misses none and repeats none. */
export interface ProvenEvent extends ProvenEntry {
  readonly cursor: string;
}

/** Entries whose receipts are under way at a time. */
const AHEAD_MAX = 16;

/** Throws LedgerError UNPROVEN when a list contradicts itself, or a receipt contradicts an entry. */
export async function* provenStatement(
  reads: VerifiedReads,
  terms: StatementTerms,
  options: LedgerReadOptions = {},
): AsyncGenerator<ProvenEntry, void> {
  const { by, ...rest } = options;
  const asked = { ...given(rest), ...(by === undefined ? {} : signedBy(by)) };
  const walletId = idOf(terms.walletId);
  const prove = (entry: Entry) => provenEntry(reads, walletId, entry, options);
  yield* mapAhead(withCode(statement(reads.calls, terms, asked)), prove);
}

/** As `watch()`, at all gateways in turn. */
export async function* provenWatch(
  reads: VerifiedReads,
  terms: WatchTerms & { readonly walletId: string },
  options: LedgerReadOptions = {},
): AsyncGenerator<ProvenEvent, void> {
  const { by, signal } = options;
  const nodes = reads.gateways.inOrder().map(({ calls }) => calls);
  const asked = { ...given({ signal }), ...(by === undefined ? {} : signedBy(by)) };
  const walletId = idOf(terms.walletId);
  for await (const event of withCode(watch(nodes, terms, asked))) {
    // A watch of a wallet has entries only.
    if (event.kind !== "entry") continue;
    const proven = await provenEntry(reads, walletId, event.entry, options);
    yield { cursor: event.cursor, ...proven };
  }
}

async function provenEntry(
  reads: VerifiedReads,
  walletId: WalletId,
  entry: Entry,
  options: LedgerReadOptions,
): Promise<ProvenEntry> {
  const receipt = await reads.receiptOfFinal(queryOf(entry), options);
  const verdict = judgeEntry(reads.trust, walletId, entry, receipt);
  if (verdict === "wrong") {
    throw new LedgerError("UNPROVEN", `entry ${entry.number} is not what its receipt proves`);
  }
  return { entry, receipt: verdict === "proven" ? receipt : undefined };
}

function queryOf({ receipt: asked, number }: Entry): ReceiptOf {
  if (asked === undefined) throw new LedgerError("UNPROVEN", `entry ${number} names no receipt`);
  const { from, id, walletId } = asked;
  return walletId === "" ? { from, id } : { walletId };
}

function idOf(text: string): WalletId {
  const id = parseUuid(text);
  if (id !== undefined) return id;
  throw new LedgerError("INVALID", "walletId: must be a wallet's id, a UUID in lower case");
}

async function* withCode<T>(items: AsyncIterable<T>): AsyncGenerator<T, void> {
  try {
    yield* items;
  } catch (error) {
    if (!(error instanceof ListFault)) throw error;
    throw new LedgerError("UNPROVEN", error.message, { cause: error });
  }
}

/** The results in their order, some of them begun before the first one is done. */
async function* mapAhead<T, R>(
  items: AsyncIterable<T>,
  map: (item: T) => Promise<R>,
): AsyncGenerator<R, void> {
  const begun: Promise<R>[] = [];
  for await (const item of items) {
    const result = map(item);
    // It is thrown when its turn comes.
    result.catch(() => undefined);
    begun.push(result);
    if (begun.length < AHEAD_MAX) continue;
    const first = await begun.shift();
    if (first !== undefined) yield first;
  }
  for (const result of begun) yield await result;
}
