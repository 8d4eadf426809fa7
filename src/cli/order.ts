/**
 * Places an order. It prints the order's id and the command that continues it before it sends anything. It reports
 * silence and doubt as unknown, never as refused: a user who reads that nothing was ordered would order again.
 */
import type { GatewayClient } from "../client/gateway-client.ts";
import { readRefusal } from "../transport/errors.ts";
import type { Refusal, RefusalReason } from "../transport/refusal.ts";
import { startTimer } from "../transport/timers.ts";
import { type Asked, describeRefusal, refused, rootOf } from "./calls.ts";
import { CommandError, EXIT } from "./command.ts";
import type { Member } from "./network-access.ts";
import { formatJson, type Terminal } from "./terminal.ts";

export interface Order<T> {
  readonly command: string;
  readonly what: "payment" | "wallet" | "creation" | "cancellation";
  readonly id: string;
  /** The command line that continues it. */
  readonly again: string;
  readonly until: "final" | "sealed";
  /** The members, which are asked one after another. */
  readonly members: readonly Member[];
  readonly call: (calls: GatewayClient["calls"]) => Promise<T>;
  /** True if an earlier command may have sent it. A refusal then does not prove that it was not ordered. */
  readonly mayHaveLeft: boolean;
}

type Named = Pick<Order<unknown>, "command" | "what" | "id" | "again">;

/** Milliseconds: long enough for a slow network, short enough that a lost order ends soon. */
export const ORDER_LIFETIME_MS = 120_000;

/** Refusals for which another node is asked. */
const ASK_ANOTHER: ReadonlySet<RefusalReason> = new Set([
  "SHUTTING_DOWN",
  "NOT_READY",
  "HISTORY_INCOMPLETE",
  "PRUNED",
  "INTERNAL",
  "CANCELED",
]);
/** Refusals made before the node looked at the order. After the others above it may have accepted it. */
const NOT_TAKEN: ReadonlySet<RefusalReason> = new Set(["HISTORY_INCOMPLETE"]);
/** The order's time ran out while waiting. */
const WAITED: ReadonlySet<RefusalReason> = new Set(["OUTCOME_UNKNOWN", "DEADLINE_EXCEEDED"]);

const FIRST_NOTICE_MS = 2_000;
const NOTICE_EVERY_MS = 10_000;

/** An outcome that is not known, with the order's id and the command that continues. */
export class OutcomeUnknown extends CommandError {
  /** Set if a node now refuses an order that may have been sent earlier. */
  readonly refusal: Refusal | undefined;

  constructor({ command, what, id, again }: Named, why: string, refusal?: Refusal) {
    super(
      `${command}: the outcome of ${what} ${id} is unknown: ${why}. It may still be ordered. Do not order it again; continue it by: ${again}`,
      EXIT.unknown,
      { outcome: "unknown", id, continue: again },
    );
    this.refusal = refusal;
  }
}

/** Prints what is needed to continue the order, before it is sent, in case this process dies. */
export function announce(terminal: Terminal, { what, id, again }: Omit<Named, "command">): void {
  say(terminal, `${what} ${id}; if its outcome stays unknown, continue it by: ${again}`, {
    order: { kind: what, id, continue: again },
  });
}

/** Gives the order to one member after another until one answers. Rejects with OutcomeUnknown or with the refusal. */
export async function placeOrder<T>(terminal: Terminal, order: Order<T>): Promise<Asked<T>> {
  const { command, members, call } = order;
  let { mayHaveLeft } = order;
  const silent: string[] = [];
  for (const member of members) {
    const stop = tellOfWaiting(terminal, order, member);
    try {
      return { member, answer: await call(member.client.calls) };
    } catch (error) {
      const refusal = readRefusal(error);
      if (refusal === undefined || ASK_ANOTHER.has(refusal.reason)) {
        mayHaveLeft ||= refusal === undefined || !NOT_TAKEN.has(refusal.reason);
        silent.push(`${member.id} (${member.address}): ${rootOf(error)}`);
        continue;
      }
      const told = `${member.id}: ${describeRefusal(refusal)}`;
      if (WAITED.has(refusal.reason)) throw new OutcomeUnknown(order, told);
      if (!mayHaveLeft) throw refused(command, member, error);
      throw new OutcomeUnknown(order, `it may have been sent before, and now ${told}`, refusal);
    } finally {
      stop();
    }
  }
  throw new OutcomeUnknown(order, `no answer from ${silent.join(", ")}`);
}

function tellOfWaiting(
  terminal: Terminal,
  { what, id, until }: Order<unknown>,
  member: Member,
): () => void {
  const start = performance.now();
  const tell = () => {
    const seconds = Math.round((performance.now() - start) / 1000);
    say(terminal, `waiting for ${member.id} to say that ${what} ${id} is ${until}: ${seconds} s`, {
      waiting: { node: member.id, for: until, id, seconds },
    });
    cancel = startTimer(NOTICE_EVERY_MS, tell);
  };
  let cancel = startTimer(FIRST_NOTICE_MS, tell);
  return () => cancel();
}

/** Written to standard error, because standard output holds only the answer. */
function say(terminal: Terminal, text: string, value: object): void {
  terminal.note(terminal.json ? formatJson(value) : text);
}
