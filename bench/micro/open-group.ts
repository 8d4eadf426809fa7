/** Opens a group of micro-benchmarks. A group is loaded only then: an old revision may lack what it measures. */
import type { MicroGroup } from "./groups.ts";
import type { MicroBenchmark } from "./timing.ts";

/** A group that prepares what its benchmarks need, and clears it away afterwards. */
export interface MicroBench {
  readonly benchmarks: readonly MicroBenchmark[];
  readonly close?: () => Promise<void>;
}

const GROUPS: Readonly<Record<MicroGroup, () => Promise<{ open: () => Promise<MicroBench> }>>> = {
  codec: () => import("./codec-group.ts"),
  check: () => import("./check-group.ts"),
  work: () => import("./work-group.ts"),
  receipt: () => import("./receipt-group.ts"),
  proof: () => import("./proof-group.ts"),
  hash: () => import("./hash-group.ts"),
  ledger: () => import("./ledger-group.ts"),
  trie: () => import("./trie-group.ts"),
  seal: () => import("./seal-group.ts"),
  store: () => import("./store-group.ts"),
  list: () => import("./list-group.ts"),
  link: () => import("./link-group.ts"),
};

export async function openGroup(group: MicroGroup): Promise<MicroBench> {
  const { open } = await GROUPS[group]();
  return await open();
}
