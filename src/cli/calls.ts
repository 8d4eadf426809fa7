/** Calls the nodes of a network, and words the error when a call fails. */
import { Code, ConnectError } from "@connectrpc/connect";
import type { GatewayClient } from "../client/gateway-client.ts";
import { ListFault } from "../client/lists.ts";
import { printable } from "../primitives/printable.ts";
import { connectProblem } from "../transport/connect-problem.ts";
import { readRefusal } from "../transport/errors.ts";
import type { Refusal } from "../transport/refusal.ts";
import { CommandError, EXIT } from "./command.ts";
import type { Member } from "./network-access.ts";

/** Errors of a call without an answer: the node may or may not have received it. */
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

/** Asks one member after another until one answers. For reads only; orders go through order.ts. */
export async function askFirst<T>(
  command: string,
  members: readonly Member[],
  call: (calls: GatewayClient["calls"]) => Promise<T>,
): Promise<Asked<T>> {
  let last: { readonly member: Member; readonly error: unknown } | undefined;
  for (const member of members) {
    try {
      return { member, answer: await call(member.client.calls) };
    } catch (error) {
      // The call found what no other node would answer better.
      if (error instanceof CommandError) throw error;
      if (error instanceof ListFault) {
        throw new CommandError(
          `${command}: ${member.id}: ${printable(error.message)}; ask another node with --node`,
        );
      }
      if (!isUnanswered(error)) throw refused(command, member, error);
      last = { member, error };
    }
  }
  const tried = members.map(({ id, address }) => `${id} (${address})`).join(", ");
  const why = last === undefined ? "" : ` (${rootOf(last.error)})`;
  throw new CommandError(`${command}: no answer from ${tried}${why}; is the network running?`);
}

/** The root cause of a failed call, such as a refused connection. */
export function rootOf(error: unknown): string {
  const failed = ConnectError.from(error);
  let message = failed.rawMessage;
  for (let cause = failed.cause; cause instanceof Error; cause = cause.cause) {
    const problem = connectProblem(cause);
    if (problem !== "") message = problem;
  }
  return printable(message);
}

/** True if the node did not answer the call, which it may not have received. */
export function isUnanswered(error: unknown): boolean {
  const refusal = readRefusal(error);
  if (refusal !== undefined) {
    return refusal.reason === "SHUTTING_DOWN" || refusal.reason === "NOT_READY";
  }
  return UNANSWERED.has(ConnectError.from(error).code);
}

/** One line with the node's refusal, or with the failure of the call. */
export function refused(command: string, { id }: Member, error: unknown): CommandError {
  const refusal = readRefusal(error);
  if (refusal === undefined) {
    return new CommandError(`${command}: ${id}: ${printable(ConnectError.from(error).message)}`);
  }
  const { remedy = "" } = refusal;
  return new CommandError(
    `${command}: ${id} refused: ${describeRefusal(refusal)}. ${remedy}`.trimEnd(),
    EXIT.refused,
  );
}

/** Message, field and reason of a refusal, without the remedy. */
export function describeRefusal({ reason, message, field }: Refusal): string {
  return `${message}${field === "" ? "" : ` (${field})`} [${reason}]`;
}
