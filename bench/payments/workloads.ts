/** The payment workloads by name: the load, and the network that it is put on. */
import type { Arrivals, LoadPlan } from "../load/load-plan.ts";

export interface Workload {
  /** One line for people. */
  readonly summary: string;
  readonly nodes: number;
  /** The number of nodes killed before the load; they are the last ones. */
  readonly killed: number;
  /** The number of nodes that take calls; all that run if absent. */
  readonly gateways?: number;
  readonly wallets: number;
  readonly pattern: LoadPlan["pattern"];
  readonly creationEvery?: number;
  readonly arrivals: WantedArrivals;
  /** Absent: by single calls. */
  readonly by?: LoadPlan["by"];
}

/** `share` is that of the rate at saturation. */
export type WantedArrivals =
  | Extract<Arrivals, { kind: "closed" }>
  | { readonly kind: "open"; readonly share: number };

/** Options that apply to all workloads. */
export interface Sizes {
  /** Of the workloads that do not set it themselves. */
  readonly nodes: number;
  /** Calls under way at saturation. */
  readonly inFlight: number;
  /** Wallets of the workloads that do not set it themselves. */
  readonly wallets: number;
}

export const MEMBERS = [4, 7, 10, 16] as const;

export function workloadsOf({
  nodes,
  inFlight,
  wallets,
}: Sizes): Readonly<Record<string, Workload>> {
  const saturation: Workload = {
    summary: `closed loop, ${inFlight} unary calls in flight over all gateways`,
    nodes,
    killed: 0,
    wallets,
    pattern: "spread",
    arrivals: { kind: "closed", inFlight },
  };
  const members = MEMBERS.map((count): [string, Workload] => [
    `members-${count}`,
    { ...saturation, nodes: count, summary: `saturation with ${count} nodes` },
  ]);
  return {
    single: {
      ...saturation,
      summary: "one call in flight, over each gateway in turn",
      arrivals: { kind: "closed", inFlight: 1 },
    },
    saturation,
    stream: {
      ...saturation,
      summary: `closed loop, ${inFlight} transfers in flight on streams over all gateways`,
      by: "streams",
    },
    "one-gateway": { ...saturation, summary: "saturation through one gateway", gateways: 1 },
    hot: {
      ...saturation,
      summary: "saturation; one wallet takes part in every payment",
      pattern: "hot",
    },
    mixed: {
      ...saturation,
      summary: "saturation; one of ten operations creates a wallet with money",
      creationEvery: 10,
    },
    "node-down": { ...saturation, summary: "saturation with one node killed", killed: 1 },
    "open-50": {
      ...saturation,
      summary: "open loop at 50% of saturation",
      arrivals: { kind: "open", share: 0.5 },
    },
    "open-80": {
      ...saturation,
      summary: "open loop at 80% of saturation",
      arrivals: { kind: "open", share: 0.8 },
    },
    "wallets-10k": {
      ...saturation,
      summary: "saturation with 10,000 wallets",
      wallets: 10_000,
    },
    ...Object.fromEntries(members),
  };
}
