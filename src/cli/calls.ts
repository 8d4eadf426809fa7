/** Calls of a command to a network, and what is said when they fail. */
import { Code, ConnectError } from "@connectrpc/connect";
import type { LedgerClient } from "../client/ledger-client.ts";
import { printable } from "../primitives/printable.ts";
import { readRefusal } from "../transport/errors.ts";
import { CommandError, EXIT } from "./command.ts";
import type { Member } from "./network-access.ts";

/** A call that got no answer may have reached the node or not. */
const UNANSWERED: ReadonlySet<Code> = new Set([
  Code.Unavailable,
  Code.Aborted,
  Code.Canceled,
  Code.DeadlineExceeded,
  Code.Unknown,
]);

export interface Asked<T> {
  readonly member: Member;
  readonly answer: T;
}

/**
 * Asks one member after another until one answers: for reads, and for writes that are safe to repeat because they
 * carry their id. `repeat` is what to do to ask again, for the message when nobody answered.
 */
export async function askFirst<T>(
  command: string,
  members: readonly Member[],
  call: (calls: LedgerClient["calls"]) => Promise<T>,
  repeat?: string,
): Promise<Asked<T>> {
  let last: { readonly member: Member; readonly error: unknown } | undefined;
  for (const member of members) {
    try {
      return { member, answer: await call(member.client.calls) };
    } catch (error) {
      if (!isUnanswered(error)) throw refused(command, member, error);
      last = { member, error };
    }
  }
  const tried = members.map(({ id, address }) => `${id} (${address})`).join(", ");
  const why = last === undefined ? "" : ` (${rootOf(last.error)})`;
  if (repeat === undefined) {
    throw new CommandError(`${command}: no answer from ${tried}${why}; is the network running?`);
  }
  throw new CommandError(
    `${command}: no answer from ${tried}${why}; the outcome is not known, and asking again is safe: ${repeat}`,
    EXIT.unknown,
  );
}

/** What lies at the bottom of a failed call, such as a refused connection. */
export function rootOf(error: unknown): string {
  const failed = ConnectError.from(error);
  let message = failed.rawMessage;
  for (let cause = failed.cause; cause instanceof Error; cause = cause.cause) {
    if (cause.message !== "") message = cause.message;
  }
  return printable(message);
}

/** Whether the node said nothing about the call: it may not have heard it. */
export function isUnanswered(error: unknown): boolean {
  const refusal = readRefusal(error);
  if (refusal !== undefined) {
    return refusal.reason === "SHUTTING_DOWN" || refusal.reason === "NOT_READY";
  }
  return UNANSWERED.has(ConnectError.from(error).code);
}

/** What a node refused with, or what became of the call, in one line. */
export function refused(command: string, { id }: Member, error: unknown): CommandError {
  const refusal = readRefusal(error);
  if (refusal === undefined) {
    return new CommandError(`${command}: ${id}: ${printable(ConnectError.from(error).message)}`);
  }
  const { reason, message, field, remedy } = refusal;
  const where = field === "" ? "" : ` (${field})`;
  const isUnknown = reason === "OUTCOME_UNKNOWN" || reason === "DEADLINE_EXCEEDED";
  return new CommandError(
    `${command}: ${id} refused: ${message}${where} [${reason}]. ${remedy ?? ""}`.trimEnd(),
    isUnknown ? EXIT.unknown : EXIT.refused,
  );
}
