/**
 * Finds the payments that no block holds, and that no later block can hold: a final block is past their window (L6). One node may lie; of
 * f + 1 nodes at least one is honest. The payer signs the questions: to a caller that may not read the payer's wallet, an honest node
 * says of each payment that there is none.
 */
import type { OperationId } from "../primitives/ids.ts";
import type { Transfer } from "../primitives/operations/transfer.ts";
import { readRefusal } from "../transport/errors.ts";
import type { LedgerGateway } from "./gateways.ts";
import { signedBy } from "./signed-reads.ts";
import type { Wallet } from "./wallet.ts";

export interface VoidQuestion {
  readonly gateways: readonly Pick<LedgerGateway, "node" | "calls">[];
  /** The payer of all of them. */
  readonly wallet: Wallet;
  readonly payments: readonly AskedPayment[];
  /** Of the genesis; 0 if a payment that can still be ordered, to be declined, counts as void. */
  readonly graceMs: number;
  /** The nodes that say so must be more than this: f. */
  readonly faultsTolerated: number;
  readonly signal?: AbortSignal | undefined;
}

type AskedPayment = Pick<Transfer, "from" | "id" | "validUntil">;

const TIMEOUT_MS = 5_000;
/** Questions to one node at a time. */
const AT_ONCE = 16;

/** The payments of which more than f nodes say so, each with the ids of these nodes in the order of the gateways. */
export async function findVoid(
  question: VoidQuestion,
): Promise<ReadonlyMap<OperationId, readonly string[]>> {
  // Two addresses of one node are one word.
  const nodes = new Map(question.gateways.map((gateway) => [gateway.node, gateway]));
  const answers = await Promise.all(
    [...nodes].map(async ([node, gateway]) => ({
      node,
      found: node === undefined ? [] : await saidVoid(gateway, question),
    })),
  );
  const saying = new Map<OperationId, string[]>();
  for (const { node, found } of answers) {
    if (node === undefined) continue;
    for (const { id } of found) saying.set(id, [...(saying.get(id) ?? []), node]);
  }
  return new Map([...saying].filter(([, all]) => all.length > question.faultsTolerated));
}

async function saidVoid(
  { calls }: Pick<LedgerGateway, "calls">,
  { wallet, payments, graceMs, signal }: VoidQuestion,
): Promise<readonly AskedPayment[]> {
  const options = { timeoutMs: TIMEOUT_MS, ...signedBy(wallet), ...(signal ? { signal } : {}) };
  // The order matters: the later answers cover all blocks up to the time in this one, which also shows that this caller may read
  // the payer's payments.
  const shown = await calls.getWallet({ id: wallet.id }, options).catch(() => undefined);
  if (shown?.wallet?.id !== wallet.id) return [];
  const past = payments.filter(({ validUntil }) => shown.blockTime > BigInt(validUntil + graceMs));
  const found: AskedPayment[] = [];
  for (let at = 0; at < past.length; at += AT_ONCE) {
    const some = past.slice(at, at + AT_ONCE);
    const verdicts = await Promise.all(
      some.map(({ from, id, validUntil }) =>
        calls.getReceipt({ from, id }, options).then(
          // A node holds what was ordered first under an id: with a cancellation there, the payment was not ordered before, and is
          // not while its deadline is not later (L28).
          ({ operation }) =>
            operation.case === "cancellation" && operation.value.validUntil >= BigInt(validUntil),
          (error: unknown) => readRefusal(error)?.reason === "NOT_FOUND",
        ),
      ),
    );
    found.push(...some.filter((_, i) => verdicts[i] === true));
  }
  return found;
}
