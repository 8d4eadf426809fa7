/** Clients that call one gateway as fast as it answers: every call of the contract, and orders that conflict. */
import { setImmediate } from "node:timers/promises";
import { create } from "@bufbuild/protobuf";
import { TransactionRequestSchema } from "../../../gen/countersign/v1/ledger_service_pb.ts";
import { createPayers, type Payer } from "../../../src/cli/payment-load.ts";
import type { GatewayClient } from "../../../src/client/gateway-client.ts";
import { amount } from "../../../src/primitives/amount.ts";
import { randomUuid } from "../../support/operations.ts";
import type { ClientAttack, ClientHand } from "../attack.ts";
import { impatientClient } from "../tools.ts";

const CONNECTIONS = 4;
const AT_ONCE = 32;

/** Makes this many calls at a time on this many connections; each call is followed by the next. */
async function besiege(
  hand: ClientHand,
  signal: AbortSignal,
  call: (client: GatewayClient, number: number) => Promise<unknown>,
): Promise<void> {
  const clients = Array.from({ length: CONNECTIONS }, () => impatientClient(hand));
  const callers = clients.flatMap((client) => new Array<GatewayClient>(AT_ONCE).fill(client));
  await Promise.all(
    callers.map(async (client, place) => {
      for (let number = place; !signal.aborted; number++) {
        await call(client, number).then(
          () => hand.count("calls answered"),
          () => hand.count("calls refused"),
        );
        await setImmediate();
      }
    }),
  );
  for (const { close } of clients) close();
}

export const everyCall: ClientAttack = {
  name: "every-call",
  by: "client",
  does: `every reading call, and orders without a signature, ${CONNECTIONS * AT_ONCE} at a time`,
  run: async (hand, signal) => {
    const limits = { signal, timeoutMs: 5_000 };
    await besiege(hand, signal, ({ calls }, number) => {
      const id = randomUuid();
      const reads = [
        () => calls.getStatus({}, limits),
        () => calls.getNetwork({}, limits),
        () => calls.listPeers({}, limits),
        () => calls.getWallet({ id }, limits),
        () => calls.getReceipt({ from: id, id }, limits),
        () => calls.listEntries({ walletId: id }, limits),
        () => calls.listBlocks({}, limits),
        () => calls.getBlock({ height: 1n }, limits),
        () => calls.listTransactions({}, limits),
        () => calls.listWallets({}, limits),
        () => firstOf(calls.subscribe({ fromHeight: 0n }, limits)),
        () => calls.walletCreation({ creationId: id, asset: "none" }, limits),
        () => calls.transaction({ transaction: { from: id, to: id, amount: 1n, id } }, limits),
        () => calls.cancelTransaction({ cancellation: { from: id, id } }, limits),
        () => firstOf(calls.submitTransactions(junk(), limits)),
      ];
      const read = reads[number % reads.length];
      return read === undefined ? Promise.resolve() : read();
    });
  },
};

/** A stream of one message, whose operations cannot be read. */
async function* junk() {
  const operation = new Uint8Array(250);
  yield { transfers: Array.from({ length: 16 }, (_, number) => ({ number, operation })) };
}

/** Leaves a stream at its first message. */
async function firstOf(messages: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of messages) return;
}

const WALLETS = 8;
const LIFETIME_MS = 300_000;

/** Signed orders of a few wallets with money. */
function orders(
  name: string,
  does: string,
  order: (payers: readonly Payer[], number: number) => ReturnType<Payer["wallet"]["transfer"]>,
): ClientAttack {
  return {
    name,
    by: "client",
    does,
    run: async (hand, signal) => {
      const payers = await createPayers([impatientClient(hand)], WALLETS);
      await besiege(hand, signal, ({ calls }, number) =>
        calls.transaction(order(payers, number), { signal, timeoutMs: 5_000 }),
      );
      for (const { client } of payers) client.close();
    },
  };
}

const sent = new Map<number, ReturnType<Payer["wallet"]["transfer"]>>();

export const duplicates = orders(
  "duplicates",
  "each signed order sixteen times at once",
  (payers, number) => {
    const one = Math.floor(number / 16);
    const held = sent.get(one) ?? transfer(payers, one, 1n);
    sent.set(one, held);
    sent.delete(one - 1_000);
    return create(TransactionRequestSchema, { ...held });
  },
);

export const doubleSpends = orders(
  "double-spends",
  "all of a wallet's money to another, over and over from the same wallets",
  (payers, number) => transfer(payers, number, 1_000_000n),
);

export const declines = orders("declines", "orders of more money than there is", (payers, number) =>
  transfer(payers, number, 900_000_000n),
);

function transfer(payers: readonly Payer[], number: number, sum: bigint) {
  const [from, to] = [payers[number % payers.length], payers[(number + 1) % payers.length]];
  if (from === undefined || to === undefined) throw new Error("there are no payers");
  return from.wallet.transfer({
    id: randomUuid(),
    to: to.wallet.id,
    asset: from.asset,
    amount: amount(sum),
    validUntil: Date.now() + LIFETIME_MS,
  });
}
