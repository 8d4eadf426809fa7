/**
 * Sealed payments: what one client sees that pays one thing after another, and what many payers at once get out of
 * the network. Transfers are client-signed and go through all nodes in turn; a transfer counts when its sealed receipt
 * is here. Load generator, nodes and disk share the machine.
 */
import { Wait } from "../gen/countersign/v1/types_pb.ts";
import type { LedgerClient } from "../src/client/ledger-client.ts";
import { entropy, type Signer, signerOf } from "../src/node/crypto.ts";
import { amount } from "../src/primitives/amount.ts";
import { parseUuid, type Uuid, uuidFromDigest } from "../src/primitives/ids.ts";
import { encodeOperation, type Transfer } from "../src/primitives/operation.ts";
import { startNetwork } from "./network.ts";
import { percentile } from "./statistics.ts";

export interface PaymentFigures {
  readonly oneInFlight: { readonly p50Ms: number; readonly p99Ms: number; readonly count: number };
  readonly saturated: {
    readonly perSecond: number;
    readonly p50Ms: number;
    readonly p99Ms: number;
    readonly count: number;
    readonly payers: number;
  };
}

export interface PaymentLoad {
  readonly nodes: number;
  readonly port: number;
  /** Transfers one after another. */
  readonly single: number;
  /** Wallets that each pay one thing after another, all at once. */
  readonly payers: number;
  readonly saturatedMs: number;
}

interface Payer {
  readonly signer: Signer;
  readonly wallet: Uuid;
  readonly client: LedgerClient;
}

const LIFETIME_MS = 600_000;
const CREATED_AT_ONCE = 50;
const ATTEMPTS = 3;

export async function measurePayments(load: PaymentLoad): Promise<PaymentFigures> {
  const network = await startNetwork(load.nodes, load.port);
  try {
    const { clients } = network;
    const { networkId } = await firstOf(clients).calls.getNetwork({});
    const payers = await createPayers(clients, load.payers);
    const pay = (payer: Payer, to: Payer) => payOnce(networkId, payer, to.wallet);
    const [first, second] = [payers[0], payers[1]];
    if (first === undefined || second === undefined) throw new Error("two payers at least");
    const warmUp = Math.ceil(load.single / 10);
    for (let i = 0; i < warmUp; i++) await pay(first, second);
    const single: number[] = [];
    for (let i = 0; i < load.single; i++) single.push(await pay(first, second));
    const saturated = await saturate(payers, load.saturatedMs, pay);
    return {
      oneInFlight: {
        p50Ms: percentile(single, 0.5),
        p99Ms: percentile(single, 0.99),
        count: single.length,
      },
      saturated,
    };
  } finally {
    await network.stop();
  }
}

async function saturate(
  payers: readonly Payer[],
  durationMs: number,
  pay: (payer: Payer, to: Payer) => Promise<number>,
) {
  const latencies: number[] = [];
  const start = performance.now();
  const end = start + durationMs;
  const run = async (payer: Payer, place: number): Promise<void> => {
    const to = payers[(place + 1) % payers.length] ?? payer;
    while (performance.now() < end) latencies.push(await pay(payer, to));
  };
  await Promise.all(payers.map(run));
  const elapsedMs = performance.now() - start;
  return {
    perSecond: (latencies.length * 1000) / elapsedMs,
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
    count: latencies.length,
    payers: payers.length,
  };
}

/** Wallets whose keys stay here, with money that the gateway issues. */
async function createPayers(clients: readonly LedgerClient[], count: number): Promise<Payer[]> {
  const payers: Payer[] = [];
  for (let made = 0; made < count; made += CREATED_AT_ONCE) {
    const size = Math.min(CREATED_AT_ONCE, count - made);
    const batch = Array.from({ length: size }, async (_, i) => {
      const client = clients[(made + i) % clients.length] ?? firstOf(clients);
      const signer = signerOf(entropy(32));
      const { publicKey } = signer;
      const { wallet } = await client.calls.walletCreation({
        initialBalance: 1_000_000n,
        publicKey,
      });
      const id = parseUuid(wallet?.id ?? "");
      if (id === undefined) throw new Error("no wallet was created");
      return { signer, wallet: id, client };
    });
    payers.push(...(await Promise.all(batch)));
  }
  return payers;
}

/** Milliseconds from the signed transfer to its sealed receipt. */
async function payOnce(networkId: Uint8Array, payer: Payer, to: Uuid): Promise<number> {
  const transfer: Transfer = {
    kind: "transfer",
    author: payer.signer.publicKey,
    id: uuidFromDigest(entropy(32)),
    validUntil: Date.now() + LIFETIME_MS,
    from: payer.wallet,
    to,
    amount: amount(1n),
  };
  const signature = payer.signer.sign(encodeOperation(networkId, transfer));
  const { from, id, validUntil } = transfer;
  const request = {
    transaction: { from, to, amount: 1n, id, validUntil: BigInt(validUntil) },
    signature,
    wait: Wait.SEALED,
  };
  const start = performance.now();
  const answer = await repeated(() => payer.client.calls.transaction(request));
  if (answer.receipt?.sealedHeader === undefined) throw new Error("the receipt is not sealed");
  return performance.now() - start;
}

function firstOf(clients: readonly LedgerClient[]): LedgerClient {
  const [client] = clients;
  if (client === undefined) throw new Error("a network has a node");
  return client;
}

/** A call whose connection fails has an unknown outcome; the same id again gives the one result. */
async function repeated<T>(call: () => Promise<T>): Promise<T> {
  for (let attempt = 1; attempt < ATTEMPTS; attempt++) {
    try {
      return await call();
    } catch {
      // Tried again below; the last attempt says what is wrong.
    }
  }
  return await call();
}
