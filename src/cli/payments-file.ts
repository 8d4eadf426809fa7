/** Reads a file of payments: CSV with a line of names, and a payment on each further line. */
import type { Genesis } from "../ledger/genesis.ts";
import type { Amount } from "../primitives/amount.ts";
import { type OperationId, parseUuid, type WalletId } from "../primitives/ids.ts";
import { LIMITS } from "../primitives/limits.ts";
import { printable } from "../primitives/printable.ts";
import { FileTooLarge, readTextBounded } from "../storage/bounded-file.ts";
import { CommandError } from "./command.ts";
import { parseCsv } from "./csv.ts";
import { AMOUNT_FORM, amountIn, parseAsked } from "./read-amount.ts";
import { findWallet } from "./wallet-argument.ts";
import type { WalletNames } from "./wallet-names.ts";

/** A payment as its line says it. */
export interface FilePayment {
  /** Counted from 1, without the line of names and without empty lines. */
  readonly row: number;
  readonly to: WalletId;
  readonly amount: Amount;
  readonly reference?: string | undefined;
  readonly id?: OperationId | undefined;
}

/** Characters of a wrong cell that a message shows. */
const SHOWN_MAX = 80;

const COLUMNS = ["to", "amount", "reference", "id"] as const;

type Column = (typeof COLUMNS)[number];

/** The meaning of what the cells say. */
interface Reading {
  readonly names: WalletNames;
  readonly genesis: Genesis;
  /** The currency of all payments: that of the wallet that pays. */
  readonly asset: string;
}

/** Throws a CommandError that names the row and the column. */
export function readPayments(
  command: string,
  path: string,
  reading: Reading,
): readonly FilePayment[] {
  const records = recordsOf(command, path);
  const [columns = [], ...rows] = records;
  const places = placesOf(command, path, columns);
  if (rows.length > LIMITS.paymentsOfFileMax) {
    const most = LIMITS.paymentsOfFileMax;
    throw new CommandError(`${command}: ${path} has more than ${most} payments; split it`);
  }
  const payments = rows.map((cells, i) => {
    if (cells.length !== columns.length) {
      const count = `${cells.length} cells, but the first line names ${columns.length} columns`;
      throw new CommandError(
        `${command}: ${path}, payment ${i + 1}: it has ${count}; separate the cells by commas, and leave empty what a payment lacks`,
      );
    }
    const cell = (column: Column) => cells[places.get(column) ?? cells.length] ?? "";
    return paymentOf(`${command}: ${path}, payment ${i + 1}`, i + 1, { ...reading, cell });
  });
  const ids = new Set<string>();
  for (const { id, row } of payments) {
    if (id !== undefined && ids.has(id)) {
      throw new CommandError(
        `${command}: ${path}, payment ${row}: the id ${id} is another payment's, too; give each payment its own, or leave it empty`,
      );
    }
    if (id !== undefined) ids.add(id);
  }
  return payments;
}

/** A cell in quotes, safe to show and short. */
function shown(cell: string): string {
  const short = cell.length > SHOWN_MAX ? `${cell.slice(0, SHOWN_MAX)}…` : cell;
  return `"${printable(short)}"`;
}

function recordsOf(command: string, path: string): readonly string[][] {
  try {
    const text = readTextBounded(path, LIMITS.files.paymentsBytesMax);
    // Spreadsheets begin a file with it.
    const records = parseCsv(text.replace(/^\uFEFF/, ""));
    if (Array.isArray(records)) return records;
    throw new CommandError(
      `${command}: ${path}, line ${records.badLine}: a quote is out of place; a cell with a quote is written in quotes, its quotes twice`,
    );
  } catch (error) {
    if (!(error instanceof FileTooLarge)) throw error;
    throw new CommandError(`${command}: ${path} cannot be used: ${error.message}; split it`);
  }
}

function placesOf(
  command: string,
  path: string,
  names: readonly string[],
): ReadonlyMap<string, number> {
  const places = new Map(names.map((name, place) => [name.trim(), place]));
  const isWrong = [...places.keys()].some((name) => !COLUMNS.some((column) => column === name));
  const isWhole = places.has("to") && places.has("amount") && places.size === names.length;
  if (!isWrong && isWhole) return places;
  throw new CommandError(
    `${command}: the first line of ${path} is ${shown(names.join(","))}, but must name the columns, each once and separated by commas: to and amount, and if there are any reference and id`,
  );
}

function paymentOf(
  what: string,
  row: number,
  { cell, ...reading }: Reading & { readonly cell: (column: Column) => string },
): FilePayment {
  const to = findWallet(cell("to"), reading.names);
  if (to === undefined) {
    throw new CommandError(
      `${what}: to is ${shown(cell("to"))}, but must be a wallet's id, a UUID in lower case, or a name of yours (see countersign wallet names)`,
    );
  }
  const amount = amountOf(what, cell("amount"), reading);
  const [reference, id] = [cell("reference"), cell("id")];
  if (Buffer.byteLength(reference) > LIMITS.referenceLengthMax) {
    throw new CommandError(
      `${what}: reference has ${Buffer.byteLength(reference)} bytes of UTF-8, but may have ${LIMITS.referenceLengthMax} at most`,
    );
  }
  const given = id === "" ? undefined : parseUuid(id);
  if (id !== "" && given === undefined) {
    throw new CommandError(
      `${what}: id is ${shown(id)}, but must be a UUID in lower case, or empty`,
    );
  }
  return { row, to, amount, reference: reference === "" ? undefined : reference, id: given };
}

function amountOf(what: string, text: string, { genesis, asset }: Reading): Amount {
  const asked = parseAsked(text);
  const amount = asked === undefined ? "" : amountIn(genesis, asset, asked);
  if (typeof amount !== "string" && amount > 0n) return amount;
  if (typeof amount === "string" && amount !== "") {
    throw new CommandError(`${what}: amount ${amount}`);
  }
  throw new CommandError(
    `${what}: amount is ${shown(text)}, but must be above 0, and ${AMOUNT_FORM}`,
  );
}
