/** The statement of a wallet as lines of CSV or JSON. */
import type { CallOptions } from "@connectrpc/connect";
import { type Entry, EntryKind } from "../../gen/countersign/v1/ledger_service_pb.ts";
import type { GatewayClient } from "../client/gateway-client.ts";
import { ListFault, type PageState, statement } from "../client/lists.ts";
import type { Genesis } from "../ledger/genesis.ts";
import { formatDecimal } from "../ledger/money.ts";
import type { NetworkId, WalletId } from "../primitives/ids.ts";
import { formatTime } from "../transport/iso-time.ts";
import { csvLine, outsideText } from "./csv.ts";
import type { TimeRange } from "./list-arguments.ts";
import { entryJson } from "./named-json.ts";
import { formatJson } from "./terminal.ts";
import type { WalletNames } from "./wallet-names.ts";

export interface ExportTerms {
  readonly command: string;
  readonly networkId: NetworkId;
  readonly walletId: WalletId;
  readonly range: TimeRange;
  readonly shown: Shown;
  /** Options of each call. */
  readonly read: Pick<CallOptions, "contextValues"> | undefined;
  readonly onPage: (page: PageState) => void;
}

interface Shown {
  readonly genesis: Genesis;
  readonly names: WalletNames;
}

/** Lines whose first page is there, so that a node that does not answer can be left for another one. */
export interface ExportLines {
  readonly lines: AsyncIterable<string>;
  /** The number of lines, as far as it is known. */
  readonly total?: number;
}

const PAGE_SIZE = 1_000;

export async function openCsv(
  calls: GatewayClient["calls"],
  terms: ExportTerms,
): Promise<ExportLines> {
  return { lines: csvLines(terms.shown, await entriesOf(calls, terms)) };
}

export async function openJsonLines(
  calls: GatewayClient["calls"],
  terms: ExportTerms,
): Promise<ExportLines> {
  return { lines: jsonLines(terms.shown, await entriesOf(calls, terms)) };
}

async function entriesOf(
  calls: GatewayClient["calls"],
  { walletId, range, read, onPage }: ExportTerms,
): Promise<AsyncIterable<Entry>> {
  const terms = { walletId, oldestFirst: true, pageSize: PAGE_SIZE, ...range, onPage };
  const entries = statement(calls, terms, read);
  return after(await entries.next(), entries);
}

async function* after<T>(first: IteratorResult<T, void>, rest: AsyncIterable<T>) {
  if (first.done !== true) yield first.value;
  yield* rest;
}

const HEADS = ["number", "time", "change", "balance", "asset", "counterparty", "reference", "id"];

async function* csvLines(shown: Shown, entries: AsyncIterable<Entry>): AsyncGenerator<string> {
  yield csvLine([...HEADS, "height", "index", "counterparty name"]);
  for await (const entry of entries) yield csvLine(cellsOf(shown, entry));
}

async function* jsonLines({ names }: Shown, entries: AsyncIterable<Entry>): AsyncGenerator<string> {
  for await (const entry of entries) yield formatJson(entryJson(names, entry));
}

function cellsOf({ genesis, names }: Shown, entry: Entry): string[] {
  const { number, kind, time, amount, asset, balance, reference = "", id } = entry;
  return [
    `${number}`,
    formatTime(Number(time)),
    decimalOf(genesis, asset, kind === EntryKind.PAID ? -amount : amount),
    decimalOf(genesis, asset, balance),
    asset,
    outsideText(entry.counterparty),
    outsideText(reference),
    outsideText(id),
    `${entry.height}`,
    `${entry.index}`,
    names.nameOf(entry.counterparty) ?? "",
  ];
}

/** A column of numbers of two kinds would add up to nonsense. */
function decimalOf(genesis: Genesis, asset: string, minor: bigint): string {
  const decimal = formatDecimal(genesis, asset, minor);
  if (decimal !== undefined) return decimal;
  throw new ListFault(`an entry is in ${JSON.stringify(asset)}, which the network does not have`);
}
