/**
 * `countersign transfer --file`: makes the payments of a file over streams. Everything is signed and on disk before anything is
 * sent (payments-journal.ts), so the command can be repeated after any interruption, and pays nothing twice.
 */
import type { GatewayClient } from "../client/gateway-client.ts";
import { type StreamedOutcome, submitTransactions } from "../client/submit-transactions.ts";
import { SubmitFault } from "../client/submitted-outcomes.ts";
import type { Wallet } from "../client/wallet.ts";
import { printable } from "../primitives/printable.ts";
import type { RefusalReason } from "../transport/refusal.ts";
import { pause, realTimers } from "../transport/timers.ts";
import { describeRefusal, rootOf } from "./calls.ts";
import { CommandError } from "./command.ts";
import type { Member, NetworkAccess } from "./network-access.ts";
import { type FilePayment, readPayments } from "./payments-file.ts";
import { type JournaledPayment, PaymentsJournal } from "./payments-journal.ts";
import { type FileAnswer, type FileOutcome, summarizeFile } from "./payments-summary.ts";
import type { Terminal } from "./terminal.ts";
import { findVoid } from "./void-order.ts";
import type { WalletNames } from "./wallet-names.ts";

export interface FileOrder {
  readonly command: string;
  readonly file: string;
  readonly network: NetworkAccess;
  /** The members that take the streams, in turn. */
  readonly members: readonly Member[];
  readonly wallet: Wallet;
  readonly asset: string;
  /** The user's names for wallets, which the file may use. */
  readonly names: WalletNames;
  readonly until: "final" | "sealed";
  /** The command line that continues. */
  readonly again: string;
}

type FileTerminal = Pick<Terminal, "note" | "progress">;

/** Long enough for a large file, and within what a network allows. */
const LIFETIME_MS = 30 * 60_000;
const PASSES = 6;
const PAUSE_MS = 1_000;
/** After these refusals the node may have ordered the payment all the same (`SubmittedRefusal` of the contract). */
const MAY_BE_ORDERED: ReadonlySet<RefusalReason> = new Set([
  "OUTCOME_UNKNOWN",
  "SHUTTING_DOWN",
  "CANCELED",
  "DEADLINE_EXCEEDED",
  "INTERNAL",
]);
/** Refusals of a node that has no room or time now, or broke off. */
const TRANSIENT: ReadonlySet<RefusalReason> = new Set([
  ...MAY_BE_ORDERED,
  "POOL_FULL",
  "TOO_MANY_REQUESTS",
  "NOT_READY",
  "LAGGING",
  "HISTORY_INCOMPLETE",
  "PRUNED",
]);

export async function payFile(terminal: FileTerminal, order: FileOrder): Promise<FileAnswer> {
  const { command, file, network, wallet, names } = order;
  const { asset } = order;
  const payments = readPayments(command, file, { names, genesis: network.genesis, asset });
  const owner = { networkId: network.trust.networkId, from: wallet.id };
  const journal = await PaymentsJournal.open(command, file, owner);
  try {
    return await payJournaled(terminal, order, { payments, journal });
  } finally {
    await journal.close();
  }
}

async function payJournaled(
  terminal: FileTerminal,
  order: FileOrder,
  { payments, journal }: Pick<FileRunParts, "payments" | "journal">,
): Promise<FileAnswer> {
  const { command, file } = order;
  checkJournal(order, payments, journal);
  const left = new Set(payments.filter(({ row }) => journal.signed(row)).map(({ row }) => row));
  const unsigned = payments.filter(({ row }) => journal.signed(row) === undefined);
  if (!(await sign(order, journal, unsigned))) {
    throw new CommandError(
      `${command}: ${journal.path} has no room for these signatures, and none of them was made or sent; give the further payments a file of their own`,
    );
  }
  terminal.note(
    `${payments.length} payments of ${printable(file)}, signed in ${printable(journal.path)}; keep both. If this is interrupted, continue by: ${order.again}`,
  );
  const run = new FileRun(terminal, order, { payments, journal, left });
  await run.payAll();
  return summarizeFile(order, payments, run.outcomes);
}

/** The file may have grown, but what was signed stands in it. */
function checkJournal(
  { command, file, wallet, asset }: FileOrder,
  payments: readonly FilePayment[],
  journal: PaymentsJournal,
): void {
  const wrong = journal.rows.find((row) => {
    const [payment, signed] = [payments[row - 1], journal.signed(row)];
    return payment === undefined || signed === undefined || !isSigned(payment, signed);
  });
  if (wrong === undefined) return;
  throw new CommandError(
    `${command}: payment ${wrong} of ${file} is not what was signed for it in ${journal.path}; put the file back as it was, and make further payments by lines at its end or by a file of their own`,
  );

  function isSigned(payment: FilePayment, { transfer }: JournaledPayment): boolean {
    return (
      transfer.from === wallet.id &&
      transfer.to === payment.to &&
      transfer.asset === asset &&
      transfer.amount === payment.amount &&
      transfer.reference === payment.reference &&
      transfer.id === (payment.id ?? journal.idOf(payment.row))
    );
  }
}

/** Settles when they are on disk; false if the journal has no room for them. */
async function sign(
  { network, wallet, asset }: Pick<FileOrder, "network" | "wallet" | "asset">,
  journal: PaymentsJournal,
  payments: readonly FilePayment[],
): Promise<boolean> {
  const { lifetimeMsMax } = network.genesis.timings;
  const validUntil = Date.now() + Math.min(LIFETIME_MS, Math.floor(lifetimeMsMax / 2));
  const rows = payments.map(({ row, to, amount, reference, id }) => {
    const terms = { id: id ?? journal.idOf(row), to, asset, amount, reference, validUntil };
    return [row, wallet.transferBytes(terms)] as const;
  });
  return await journal.add(rows);
}

interface FileRunParts {
  readonly payments: readonly FilePayment[];
  readonly journal: PaymentsJournal;
  /** Rows that an earlier command may have sent. */
  readonly left: Set<number>;
}

class FileRun {
  readonly outcomes = new Map<number, FileOutcome>();
  readonly #terminal: FileTerminal;
  readonly #order: FileOrder;
  readonly #parts: FileRunParts;
  /** Streams opened; each goes to the next member, in all passes. */
  #streams = 0;

  constructor(terminal: FileTerminal, order: FileOrder, parts: FileRunParts) {
    this.#terminal = terminal;
    this.#order = order;
    this.#parts = parts;
  }

  /** Until each payment has an outcome, or a further attempt is in vain. */
  async payAll(): Promise<void> {
    let open = this.#parts.payments.map(({ row }) => row);
    for (let pass = 1; open.length > 0 && pass <= PASSES; pass++) {
      if (pass > 1) await pause(realTimers, PAUSE_MS * pass);
      const problem = await this.#pay(open);
      for (const row of open) {
        if (!this.outcomes.has(row)) this.outcomes.set(row, this.#unanswered(problem));
      }
      open = await this.#again(open);
    }
  }

  /** Sends these rows, at one member after another; gives what ended the last stream, if it left a row without an outcome. */
  async #pay(rows: readonly number[]): Promise<string | undefined> {
    for (const row of rows) this.outcomes.delete(row);
    let problem: string | undefined;
    // What a node answers may end its stream, but not those of the others.
    let streams = 0;
    while (streams < this.#order.members.length) {
      streams += 1;
      const open = rows.filter((row) => !this.outcomes.has(row));
      if (open.length === 0) return undefined;
      problem = await this.#stream(open);
    }
    return problem;
  }

  /** Gives what ended the stream, if anything did. */
  async #stream(rows: readonly number[]): Promise<string | undefined> {
    const { network, members, until } = this.#order;
    const { journal } = this.#parts;
    const progress = this.#terminal.progress("payments");
    const bytes = rows.map((row) => journal.signed(row)?.bytes ?? new Uint8Array());
    const options = { until, attemptsMax: 3 * members.length };
    try {
      const outcomes = submitTransactions(this.#inTurn(), network.trust, bytes, options);
      for await (const outcome of outcomes) {
        const row = rows[outcome.number] ?? 0;
        this.outcomes.set(row, this.#judge(row, outcome));
        progress.update(this.outcomes.size, this.#parts.payments.length);
      }
      return undefined;
    } catch (error) {
      return error instanceof SubmitFault ? printable(error.message) : rootOf(error);
    } finally {
      progress.end();
      for (const row of rows) this.#parts.left.add(row);
    }
  }

  #inTurn(): Pick<GatewayClient["calls"], "submitTransactions"> {
    const { members } = this.#order;
    return {
      submitTransactions: (requests, options) => {
        const member = members[this.#streams % members.length];
        this.#streams += 1;
        if (member === undefined) throw new CommandError("there is no node to ask");
        return member.client.calls.submitTransactions(requests, options);
      },
    };
  }

  #judge(row: number, outcome: StreamedOutcome): FileOutcome {
    if (outcome.kind === "result") {
      const { result, receipt } = outcome.receipt;
      const isSealed = receipt.proof.kind === "sealed";
      return result.status === "applied"
        ? { kind: "applied", isSealed }
        : { kind: "declined", reason: result.reason, isSealed };
    }
    const { refusal, wasSentBefore } = outcome;
    // The word of one node, which does not bind another that may have ordered it.
    const mayBeOrdered = this.#parts.left.has(row) || wasSentBefore;
    const isUnknown = mayBeOrdered || MAY_BE_ORDERED.has(refusal.reason);
    return { kind: isUnknown ? "unknown" : "refused", refusal, why: describeRefusal(refusal) };
  }

  #unanswered(problem: string | undefined): FileOutcome {
    return { kind: "unknown", why: problem ?? "no node answered" };
  }

  /** The rows for which another attempt may end better; a void payment is signed again, under its id. */
  async #again(rows: readonly number[]): Promise<number[]> {
    const again: number[] = [];
    const voided: FilePayment[] = [];
    for (const row of rows) {
      const outcome = this.outcomes.get(row);
      if (outcome === undefined || outcome.kind === "applied" || outcome.kind === "declined")
        continue;
      const reason = outcome.refusal?.reason;
      if (reason === undefined || TRANSIENT.has(reason)) again.push(row);
      else if (reason === "WINDOW_PAST") {
        const payment = this.#parts.payments[row - 1];
        // Otherwise another node may have its result.
        if (payment === undefined || !(await this.#isVoid(row))) again.push(row);
        else {
          // Nothing of it was ordered, and what is signed now has not been sent yet.
          voided.push(payment);
          this.#parts.left.delete(row);
        }
      }
    }
    if (!(await sign(this.#order, this.#parts.journal, voided))) {
      const why = `its deadline passed before it was ordered, and ${this.#parts.journal.path} has no room for another signature; pay it in a file of its own`;
      for (const { row } of voided) this.outcomes.set(row, { kind: "refused", why });
      return again;
    }
    return [...again, ...voided.map(({ row }) => row)].toSorted((a, b) => a - b);
  }

  async #isVoid(row: number): Promise<boolean> {
    const { transfer } = this.#parts.journal.signed(row) ?? {};
    if (transfer === undefined) return false;
    const { id, validUntil } = transfer;
    const { network, wallet } = this.#order;
    return (await findVoid(network, { wallet, id, validUntil })) !== undefined;
  }
}
