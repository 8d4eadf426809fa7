/** The payment workloads by name: the load, and the network that it is put on. */
import type { Past } from "../fixtures/fixture.ts";
import type { Arrivals, LoadPlan } from "../load/load-plan.ts";

export interface Workload {
  /** One line for people. */
  readonly summary: string;
  readonly nodes: number;
  /** The number of nodes killed before the load; they are the last ones. */
  readonly killed: number;
  /** The number of nodes that take calls; all that run if absent. */
  readonly gateways?: number;
  /** Those that take part in payments; of a network with a past these are some of its wallets, spread over all. */
  readonly wallets: number;
  /** The network is a copy of one with this past; absent: a new one. */
  readonly past?: Past;
  readonly pattern: LoadPlan["pattern"];
  readonly creationEvery?: number;
  readonly arrivals: WantedArrivals;
  /** The load is more than the network can bear, so nodes may refuse a part of it. */
  readonly mayBeRefused?: boolean;
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
  /** Of `grown-wallets` and `grown-history`; absent: `GROWN`. */
  readonly grown?: Past;
}

/** A network after some years. */
export const GROWN: Past = { wallets: 1_000_000, transfers: 5_000_000 };
/** A network of the same kind that has just begun. */
export const YOUNG: Past = { wallets: 10_000, transfers: 0 };
/** So many wallets of a past make payments at most: each must have its key derived before the load begins. */
export const PAYERS_MAX = 50_000;

export const MEMBERS = [4, 7, 10, 16] as const;

export function workloadsOf({
  nodes,
  inFlight,
  wallets,
  grown = GROWN,
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
    overload: {
      ...saturation,
      summary: "open loop at twice the rate of saturation; nodes may refuse a part of it",
      arrivals: { kind: "open", share: 2 },
      mayBeRefused: true,
    },
    "wallets-10k": {
      ...saturation,
      summary: "saturation with 10,000 wallets",
      wallets: 10_000,
    },
    ...withPasts(saturation, grown),
    ...Object.fromEntries(members),
  };
}

function withPasts(saturation: Workload, grown: Past): Readonly<Record<string, Workload>> {
  const of = (past: Past): Workload => {
    const summary = `saturation on a network with ${pastText(past)}`;
    return { ...withPast(saturation, past), summary };
  };
  return {
    young: of(YOUNG),
    "grown-wallets": of({ ...grown, transfers: 0 }),
    "grown-history": of(grown),
  };
}

export function withPast(workload: Workload, past: Past): Workload {
  return { ...workload, past, wallets: Math.min(past.wallets, PAYERS_MAX) };
}

export function pastText({ wallets, transfers }: Past): string {
  const [many, past] = [wallets, transfers].map((count) => count.toLocaleString("en-US"));
  return `${many} wallets and ${transfers === 0 ? "no" : past} past transfers`;
}
