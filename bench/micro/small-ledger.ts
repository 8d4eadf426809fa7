/** A ledger of a few thousand wallets with money, and transfers between them, for micro-benchmarks. */
import { DEFAULT_LIMITS } from "../../src/cli/genesis-rules.ts";
import { execute } from "../../src/ledger/execute.ts";
import type { State } from "../../src/ledger/state.ts";
import type { SignedOperation } from "../../src/primitives/operation.ts";
import {
  createNetwork,
  creation,
  type Network,
  playfulJudge,
  start,
  transfer,
} from "../../test/ledger/fixture.ts";

const PER_BLOCK = 1_000;

export interface SmallLedger {
  readonly network: Network;
  readonly state: State;
  /** The same number of different transfers; each wallet takes part in a few. */
  readonly transfers: readonly SignedOperation[];
}

export function smallLedger(wallets: number, transfers: number): SmallLedger {
  const network = createNetwork(4, playfulJudge, { ...DEFAULT_LIMITS, blockOperationsMax: 10_000 });
  const names = Array.from({ length: wallets }, (_, i) => `wallet ${i}`);
  let state = start(network);
  for (let from = 0; from < wallets; from += PER_BLOCK) {
    const operations = names
      .slice(from, from + PER_BLOCK)
      .map((name) => creation(network, { name, balance: 1_000_000n }));
    state = executed(network, state, operations).state;
  }
  // A prime step, so that neighbours in a block are not neighbours in the trie.
  const name = (i: number) => names[(i * 7919) % wallets] ?? "";
  const made = Array.from({ length: transfers }, (_, i) => {
    return transfer(network, { from: name(i), to: name(i + 1), amount: 1n, id: `payment ${i}` });
  });
  return { network, state, transfers: made };
}

/** Signatures are checked elsewhere, as in a node. */
export function executed(
  { context }: Network,
  state: State,
  operations: readonly SignedOperation[],
) {
  const time = state.time + 1;
  const execution = execute(context, { state, operations, time, signaturesValid: () => true });
  if (execution.kind === "invalid") throw new Error(`an invalid block: ${execution.reason}`);
  return execution;
}
