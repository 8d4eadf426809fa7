/** The statement of a wallet for a period, as an ISO 20022 message: camt.053.001.08, BankToCustomerStatementV08. */
import { type Entry, EntryKind } from "../../gen/countersign/v1/ledger_service_pb.ts";
import { ListFault } from "../client/lists.ts";
import type { Genesis } from "../ledger/genesis.ts";
import { formatDecimal } from "../ledger/money.ts";
import { parseUuid, type WalletId } from "../primitives/ids.ts";
import { printable } from "../primitives/printable.ts";
import { formatTime } from "../transport/iso-time.ts";
import { CommandError } from "./command.ts";
import type { WalletNames } from "./wallet-names.ts";
import { closeTag, element, openTag, type Xml } from "./xml.ts";

export const CAMT053_NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08";

export interface CamtStatement {
  readonly genesis: Genesis;
  readonly names: WalletNames;
  /** Text that tells this statement from others, at most 35 characters. */
  readonly id: string;
  readonly walletId: WalletId;
  readonly asset: string;
  /** Ends of the period, milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
  /** Block time of the state that it was read from. */
  readonly createdAt: number;
  /** Minor units before and after the entries. */
  readonly opening: bigint;
  readonly closing: bigint;
  readonly entries: bigint;
  /** For readers: network, height, node. */
  readonly source: string;
}

/** The message has room for 18 digits in all, and for 5 behind the point. */
const MINOR_MAX = 10n ** 18n - 1n;
const SCALE_MAX = 5;
/** xs:dateTime as its readers expect it: years of four digits. */
const TIME_MS_MAX = Date.parse("9999-12-31T23:59:59.999Z");
/** Characters of a line of remittance information; there may be any number of lines. */
const LINE_MAX = 140;
const ISSUER = "countersign";
const UETR = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Throws a CommandError for an asset that the message cannot hold. */
export function requireCamtAsset(command: string, { assets }: Genesis, code: string): void {
  const scale = assets.find((asset) => asset.code === code)?.scale ?? Number.POSITIVE_INFINITY;
  if (/^[A-Z]{3}$/.test(code) && scale <= SCALE_MAX) return;
  throw new CommandError(
    `${command}: camt.053 has currencies of three letters and at most ${SCALE_MAX} digits behind the point, and the wallet holds "${printable(code)}"; export it with --format csv or jsonl`,
  );
}

export function camtHead(statement: CamtStatement): string[] {
  const { id, walletId, asset, from, to, createdAt, opening, closing, entries } = statement;
  const created = element("CreDtTm", timeOf(createdAt));
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    openTag("Document", { xmlns: CAMT053_NAMESPACE }),
    openTag("BkToCstmrStmt"),
    element("GrpHdr", [element("MsgId", id), created]).text,
    openTag("Stmt"),
    element("Id", id).text,
    created.text,
    element("FrToDt", [element("FrDtTm", timeOf(from)), element("ToDtTm", timeOf(to))]).text,
    accountOf(statement, "Acct", walletId, element("Ccy", asset)).text,
    balanceOf(statement, { code: "OPBD", minor: opening, at: from }).text,
    balanceOf(statement, { code: "CLBD", minor: closing, at: to }).text,
    element("TxsSummry", element("TtlNtries", element("NbOfNtries", `${entries}`))).text,
  ];
}

export function camtEntry(statement: CamtStatement, entry: Entry): string {
  const { number, kind, time, amount, height, index } = entry;
  const at = element("DtTm", timeOf(Number(time)));
  const isPaid = kind === EntryKind.PAID;
  return element("Ntry", [
    element("NtryRef", `${number}`),
    amountOf(statement, entry.asset, amount),
    element("CdtDbtInd", isPaid ? "DBIT" : "CRDT"),
    element("Sts", element("Cd", "BOOK")),
    element("BookgDt", at),
    element("ValDt", at),
    element("AcctSvcrRef", `${height}-${index}`),
    transactionCodeOf(kind),
    element("NtryDtls", detailsOf(statement, entry)),
  ]).text;
}

export function camtTail({ source }: CamtStatement): string[] {
  return [
    element("AddtlStmtInf", source).text,
    ...["Stmt", "BkToCstmrStmt", "Document"].map(closeTag),
  ];
}

function detailsOf(statement: CamtStatement, entry: Entry): Xml {
  const { kind, reference = "" } = entry;
  const id = idIn(entry, "id", entry.id);
  const isCreation = kind === EntryKind.CREATED;
  const isPaid = kind === EntryKind.PAID;
  const other = isCreation ? undefined : idIn(entry, "counterparty", entry.counterparty);
  const payer = isPaid ? statement.walletId : other;
  const query =
    payer === undefined ? `--wallet ${statement.walletId}` : `--from ${payer} --id ${id}`;
  return element("TxDtls", [
    element("Refs", [
      element("EndToEndId", compact(id)),
      ...(UETR.test(id) ? [element("UETR", id)] : []),
    ]),
    ...(other === undefined ? [] : [partiesOf(statement, isPaid, other)]),
    ...(reference === "" ? [] : [element("RmtInf", linesOf(reference))]),
    element("AddtlTxInf", `Proof: countersign receipt get ${query}`),
  ]);
}

/** The other party: debtor of a payment received, creditor of one made. */
function partiesOf(statement: CamtStatement, isPaid: boolean, other: WalletId): Xml {
  const name = statement.names.nameOf(other);
  return element("RltdPties", [
    ...(name === undefined
      ? []
      : [element(isPaid ? "Cdtr" : "Dbtr", element("Pty", element("Nm", name)))]),
    accountOf(statement, isPaid ? "CdtrAcct" : "DbtrAcct", other),
  ]);
}

/** An id has 36 characters, and an account 34 at most: it is written without hyphens. */
function accountOf({ names }: CamtStatement, tag: string, wallet: WalletId, currency?: Xml): Xml {
  const name = names.nameOf(wallet);
  return element(tag, [
    element("Id", element("Othr", [element("Id", compact(wallet)), element("Issr", ISSUER)])),
    currency,
    ...(name === undefined ? [] : [element("Nm", name)]),
  ]);
}

interface Balance {
  readonly code: "OPBD" | "CLBD";
  readonly minor: bigint;
  readonly at: number;
}

function balanceOf(statement: CamtStatement, { code, minor, at }: Balance): Xml {
  return element("Bal", [
    element("Tp", element("CdOrPrtry", element("Cd", code))),
    amountOf(statement, statement.asset, minor),
    element("CdtDbtInd", "CRDT"),
    element("Dt", element("DtTm", timeOf(at))),
  ]);
}

function amountOf({ genesis, asset }: CamtStatement, code: string, minor: bigint): Xml {
  const decimal = formatDecimal(genesis, code, minor);
  if (code !== asset || decimal === undefined) {
    throw new ListFault(`an entry is in ${JSON.stringify(code)}, and the wallet in ${asset}`);
  }
  if (minor > MINOR_MAX) {
    throw new CommandError(
      `an amount has more than the 18 digits of camt.053 (${decimal} ${code}); export the statement with --format csv or jsonl`,
    );
  }
  return element("Amt", decimal, { Ccy: code });
}

/** Payments are internal book transfers of ISO's list of codes; a creation has a code of its own. */
function transactionCodeOf(kind: EntryKind): Xml {
  if (kind === EntryKind.CREATED) {
    const own = [element("Cd", "CREATION"), element("Issr", ISSUER)];
    return element("BkTxCd", element("Prtry", own));
  }
  const family = [
    element("Cd", kind === EntryKind.PAID ? "ICDT" : "RCDT"),
    element("SubFmlyCd", "BOOK"),
  ];
  return element("BkTxCd", element("Domn", [element("Cd", "PMNT"), element("Fmly", family)]));
}

function linesOf(reference: string): Xml[] {
  const characters = [...printable(reference)];
  const count = Math.ceil(characters.length / LINE_MAX);
  return Array.from({ length: count }, (_, i) => {
    return element("Ustrd", characters.slice(i * LINE_MAX, (i + 1) * LINE_MAX).join(""));
  });
}

/** A node may lie: what stands where an id belongs is not written. */
function idIn({ number }: Entry, field: string, text: string): WalletId {
  const id = parseUuid(text);
  if (id !== undefined) return id;
  throw new ListFault(`entry ${number} has no id as its ${field}`);
}

function compact(id: string): string {
  return id.replaceAll("-", "");
}

function timeOf(ms: number): string {
  if (ms <= TIME_MS_MAX) return formatTime(ms);
  throw new ListFault(`a block time is beyond the calendar of camt.053 (${ms} ms after 1970)`);
}
