/** Reads a statement of a wallet for a period, with the balances before and after it, and writes it as camt.053. */
import { type Entry, EntryKind } from "../../gen/countersign/v1/ledger_service_pb.ts";
import type { GatewayClient } from "../client/gateway-client.ts";
import { ListFault, type StatementTerms, statement } from "../client/lists.ts";
import { sha256 } from "../node/base/crypto.ts";
import { toHex, utf8 } from "../primitives/bytes.ts";
import type { WalletId } from "../primitives/ids.ts";
import { formatTime } from "../transport/iso-time.ts";
import { type CamtStatement, camtEntry, camtHead, camtTail, requireCamtAsset } from "./camt053.ts";
import { CommandError } from "./command.ts";
import type { ExportLines, ExportTerms } from "./export-formats.ts";

/** Everything is read as of one height, so that the balances and the entries are of one state. */
export async function openCamt053(
  calls: GatewayClient["calls"],
  terms: ExportTerms,
): Promise<ExportLines> {
  const { command, walletId, shown, range, read, onPage } = terms;
  const { wallet, height, blockTime } = await calls.getWallet({ id: walletId }, read);
  const asset = wallet?.asset ?? "";
  requireCamtAsset(command, shown.genesis, asset);
  const state = { height, blockTime };
  const period = periodOf(command, range, state);
  const asked = { walletId, toHeight: height, ...range, onPage };
  const one = async (more: Partial<StatementTerms>) => {
    const entries = statement(calls, { ...asked, pageSize: 1, ...more }, read);
    const { value } = await entries.next();
    return value ?? undefined;
  };
  const entries = statement(calls, { ...asked, oldestFirst: true, pageSize: 1_000 }, read);
  const [first, last] = [(await entries.next()).value ?? undefined, await one({})];
  const { fromTime } = range;
  const before =
    first !== undefined || fromTime === undefined || fromTime === 0n
      ? undefined
      : await one({ fromTime: undefined, toTime: fromTime - 1n });
  const count = first === undefined || last === undefined ? 0n : last.number - first.number + 1n;
  if ((first === undefined) !== (last === undefined)) {
    throw new ListFault("the list has an end and no beginning");
  }
  const from = fromTime ?? first?.time ?? period.to;
  const made: CamtStatement = {
    ...shown,
    ...{ walletId, asset, entries: count },
    id: statementId(terms, { from, to: period.to, height }),
    from: Number(from),
    to: Number(period.to),
    createdAt: Number(blockTime),
    opening: first === undefined ? (before?.balance ?? 0n) : balanceBefore(first),
    closing: last?.balance ?? before?.balance ?? 0n,
    source: `wallet ${walletId} of network ${toHex(terms.networkId)}, as of height ${height}; the statement is the word of the node that was asked, and receipts prove its entries`,
  };
  return { lines: camtLines(made, first, entries), total: Number(count) };
}

interface State {
  readonly height: bigint;
  readonly blockTime: bigint;
}

/** The period ends at the state's time at the latest: a statement does not speak of what is to come. */
function periodOf(
  command: string,
  { fromTime, toTime }: ExportTerms["range"],
  { blockTime }: State,
): { readonly to: bigint } {
  const to = toTime === undefined || toTime > blockTime ? blockTime : toTime;
  if (fromTime === undefined || fromTime <= to) return { to };
  throw new CommandError(
    `${command}: the period begins at ${formatTime(Number(fromTime))}, after its end or the last block (${formatTime(Number(to))}); give an earlier --since`,
  );
}

function balanceBefore({ kind, amount, balance }: Entry): bigint {
  return kind === EntryKind.PAID ? balance + amount : balance - amount;
}

/** The same for the same statement of the same state, so that a file can be recognized when it is imported twice. */
function statementId(
  { networkId, walletId }: { readonly networkId: Uint8Array; readonly walletId: WalletId },
  { from, to, height }: { readonly from: bigint; readonly to: bigint; readonly height: bigint },
): string {
  const text = `camt.053 ${toHex(networkId)} ${walletId} ${from} ${to} ${height}`;
  return toHex(sha256(utf8(text))).slice(0, 32);
}

async function* camtLines(
  made: CamtStatement,
  first: Entry | undefined,
  rest: AsyncIterable<Entry>,
): AsyncGenerator<string> {
  yield* camtHead(made);
  let [last, count] = [first, first === undefined ? 0n : 1n];
  if (first !== undefined) yield camtEntry(made, first);
  for await (const entry of rest) {
    last = entry;
    count += 1n;
    yield camtEntry(made, entry);
  }
  // The head stands before the entries, so the node could have said one thing there and another here.
  if (count !== made.entries || (last !== undefined && last.balance !== made.closing)) {
    throw new ListFault("the entries do not lead to the closing balance");
  }
  yield* camtTail(made);
}
