// The load of a run: wallets created before the first fault, clients that run in parallel, and, once the network is
// whole again, a question for every open outcome.
import { setTimeout } from "node:timers/promises";
import type { GatewayClient } from "../../src/client/gateway-client.ts";
import type { NetworkId } from "../../src/primitives/ids.ts";
import { randomUuid } from "../support/operations.ts";
import { ChaosClient } from "./clients.ts";
import { custodialPurse, newWallet, orderIssued, type Purse } from "./purse.ts";
import type { Recorder } from "./recorder.ts";

export interface LoadOptions {
  readonly seed: number;
  readonly clients: number;
  readonly networkId: NetworkId;
  readonly gateways: readonly GatewayClient[];
  readonly recorder: Recorder;
}

const SETTLE_MS = 90_000;
/** For so long an order of the preparation is repeated until it is applied, with this pause after each failure. */
const PREPARE_MS = 30_000;
const PAUSE_MS = 200;

export class Load {
  readonly wallets: readonly string[];
  readonly #clients: readonly ChaosClient[];

  private constructor(clients: readonly ChaosClient[], wallets: readonly string[]) {
    this.#clients = clients;
    this.wallets = wallets;
  }

  /**
   * Creates two wallets for each client, and shared ones: one kept by every gateway, and two whose keys all clients
   * have.
   */
  static async prepare(options: LoadOptions): Promise<Load> {
    const { gateways, clients: count } = options;
    const custodial = [...gateways.keys()].map((gateway) => createCustodial(options, gateway));
    const signed = Array.from({ length: 2 + 2 * count }, (_, place) =>
      createSigned(options, place % gateways.length),
    );
    const kept = await Promise.all(custodial);
    const [first, second, ...rest] = await Promise.all(signed);
    if (first === undefined || second === undefined) throw new Error("two hot wallets at least");
    const hot = [first, second, ...kept];
    const clients = Array.from({ length: count }, (_, number) => {
      const [own = first, torn = second] = rest.slice(2 * number, 2 * number + 2);
      return new ChaosClient(number, { ...options, hot, own, torn });
    });
    return new Load(
      clients,
      [...hot, ...rest].map(({ id }) => id),
    );
  }

  async runUntil(over: AbortSignal): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.runUntil(over)));
  }

  /** The number of orders without an outcome. */
  async settle(): Promise<number> {
    const deadline = performance.now() + SETTLE_MS;
    await Promise.all(this.#clients.map((client) => client.settle(deadline)));
    return this.#clients.reduce((sum, { open }) => sum + open.length, 0);
  }
}

async function createSigned(options: LoadOptions, gateway: number): Promise<Purse> {
  const { networkId, gateways, recorder } = options;
  const { wallet, creationId } = newWallet(networkId);
  const order = orderIssued(wallet, creationId, gateway);
  const asked = { client: -1, gateway, question: order.question };
  const client = gateways[gateway];
  if (client === undefined) throw new Error(`there is no gateway ${gateway}`);
  return await repeated(async () => {
    const reply = await recorder.call(asked, () => order.send(client.calls));
    if (reply.kind !== "result") throw new Error(`no wallet: ${JSON.stringify(reply)}`);
    return { id: wallet.id, wallet };
  });
}

/** The gateway chooses the key, and with it the id. */
async function createCustodial(options: LoadOptions, gateway: number): Promise<Purse> {
  const request = { initialBalance: 1_000_000n, creationId: randomUuid() };
  return await repeated(async () => {
    const answer = await options.gateways[gateway]?.calls.walletCreation(request);
    return custodialPurse(answer?.wallet?.id ?? "", gateway);
  });
}

/**
 * On a busy machine a gateway may refuse for a moment, or a connection may end, before the first fault. Sending the
 * same order again is safe.
 */
async function repeated<T>(order: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + PREPARE_MS;
  for (;;) {
    try {
      return await order();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await setTimeout(PAUSE_MS);
    }
  }
}
