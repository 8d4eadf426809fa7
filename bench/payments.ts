/**
 * Sealed payments: one client that pays one thing after another, and many payers at once. Load generator, nodes and
 * disk share the machine.
 */
import { createPayers, type LoadFigures, payOnce, payTogether } from "../src/cli/payment-load.ts";
import { percentile } from "../src/cli/percentile.ts";
import { startNetwork } from "./network.ts";

export interface PaymentFigures {
  readonly oneInFlight: { readonly p50Ms: number; readonly p99Ms: number; readonly count: number };
  readonly saturated: LoadFigures & { readonly payers: number };
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

export async function measurePayments(load: PaymentLoad): Promise<PaymentFigures> {
  const network = await startNetwork(load.nodes, load.port);
  try {
    const payers = await createPayers(network.clients, load.payers);
    const [first, second] = payers;
    if (first === undefined || second === undefined) throw new Error("two payers at least");
    const warmUp = Math.ceil(load.single / 10);
    for (let i = 0; i < warmUp; i++) await payOnce(first, second);
    const single: number[] = [];
    for (let i = 0; i < load.single; i++) single.push(await payOnce(first, second));
    const figures = await payTogether(payers, { durationMs: load.saturatedMs });
    return {
      oneInFlight: {
        p50Ms: percentile(single, 0.5),
        p99Ms: percentile(single, 0.99),
        count: single.length,
      },
      saturated: { ...figures, payers: payers.length },
    };
  } finally {
    await network.stop();
  }
}
