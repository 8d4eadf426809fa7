/**
 * A load of sealed payments for measurements: wallets whose keys stay here pay one another, through all nodes in turn. A
 * transfer counts when its sealed receipt is here.
 */
import { Wait } from "../../gen/countersign/v1/types_pb.ts";
import type { GatewayClient } from "../client/gateway-client.ts";
import { Wallet } from "../client/wallet.ts";
import { entropy, sha256, signingKeyOf } from "../node/base/crypto.ts";
import { amount } from "../primitives/amount.ts";
import { assert } from "../primitives/assert.ts";
import { uuidFromDigest } from "../primitives/ids.ts";
import { readRefusal } from "../transport/errors.ts";
import { percentile } from "./percentile.ts";

export interface Payer {
  readonly wallet: Wallet;
  readonly asset: string;
  readonly client: GatewayClient;
}

export interface LoadFigures {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly count: number;
  /** Time until the last answer, which may arrive after the requested duration. */
  readonly elapsedMs: number;
}

/** A node could not serve the load; `cause` is its answer or the failure of the call. */
export class LoadFailure extends Error {
  override readonly name = "LoadFailure";
  readonly client: GatewayClient;

  constructor(client: GatewayClient, cause: unknown) {
    super("a node did not serve the load", { cause });
    this.client = client;
  }
}

const BALANCE = 1_000_000n;
const LIFETIME_MS = 600_000;
const CREATED_AT_ONCE = 50;
const ATTEMPTS = 3;

/** Creates wallets with money that the nodes issue, spread over the nodes. Rejects with a LoadFailure. */
export async function createPayers(
  clients: readonly GatewayClient[],
  count: number,
): Promise<readonly Payer[]> {
  const [first] = clients;
  assert(first !== undefined, "a load has a node");
  const { networkId, assets } = await servedBy(first, ({ calls }) => calls.getNetwork({}));
  const asset = assets[0]?.code ?? "";
  const payers: Payer[] = [];
  while (payers.length < count) {
    const size = Math.min(CREATED_AT_ONCE, count - payers.length);
    const made = payers.length;
    const batch = Array.from({ length: size }, async (_, i) => {
      const client = clients[(made + i) % clients.length] ?? first;
      const key = signingKeyOf(entropy(32));
      const creationId = uuidFromDigest(entropy(32));
      const { publicKey } = key;
      const request = { initialBalance: BALANCE, asset, publicKey, creationId };
      await servedBy(client, ({ calls }) => calls.walletCreation(request));
      return { wallet: new Wallet({ networkId, hash: sha256, key, creationId }), asset, client };
    });
    payers.push(...(await Promise.all(batch)));
  }
  return payers;
}

/** Each payer pays the next, one payment at a time, for `durationMs`. Rejects with a LoadFailure. */
export async function payTogether(
  payers: readonly Payer[],
  load: { readonly durationMs: number; readonly onPaid?: (count: number) => void },
): Promise<LoadFigures> {
  const latencies: number[] = [];
  const start = performance.now();
  const end = start + load.durationMs;
  const run = async (payer: Payer, index: number): Promise<void> => {
    const to = payers[(index + 1) % payers.length] ?? payer;
    while (performance.now() < end) {
      latencies.push(await payOnce(payer, to));
      load.onPaid?.(latencies.length);
    }
  };
  await Promise.all(payers.map(run));
  const elapsedMs = performance.now() - start;
  return {
    perSecond: (latencies.length * 1000) / elapsedMs,
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
    count: latencies.length,
    elapsedMs,
  };
}

/** Milliseconds from the signed transfer to its sealed receipt. */
export async function payOnce({ wallet, asset, client }: Payer, to: Payer): Promise<number> {
  const request = wallet.transfer({
    id: uuidFromDigest(entropy(32)),
    to: to.wallet.id,
    asset,
    amount: amount(1n),
    validUntil: Date.now() + LIFETIME_MS,
  });
  const start = performance.now();
  const answer = await servedBy(client, ({ calls }) => {
    return calls.transaction({ ...request, wait: Wait.SEALED });
  });
  if (answer.receipt?.sealedHeader === undefined) throw new Error("the receipt is not sealed");
  return performance.now() - start;
}

/** A call that got no answer has an unknown outcome; the same id again gives the one result. */
async function servedBy<T>(
  client: GatewayClient,
  call: (client: GatewayClient) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call(client);
    } catch (error) {
      if (readRefusal(error) !== undefined || attempt === ATTEMPTS) {
        throw new LoadFailure(client, error);
      }
    }
  }
}
