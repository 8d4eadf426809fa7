import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Execution } from "../../src/ledger/execute.ts";
import { assembleHeader } from "../../src/ledger/header.ts";
import { placeAfter } from "../../src/ledger/place.ts";
import { whyDeclined } from "../../src/ledger/plan.ts";
import { assertConservation, restoreState, type State } from "../../src/ledger/state.ts";
import {
  decodeWalletRecord,
  encodeWalletRecord,
  walletTrieKey,
} from "../../src/ledger/wallet-record.ts";
import { sha256 } from "../../src/node/base/crypto.ts";
import { toHex } from "../../src/primitives/bytes.ts";
import { zeroDigest } from "../../src/primitives/hash.ts";
import { MerkleTrie } from "../../src/primitives/merkle-trie.ts";
import { validatorIndex, view } from "../../src/primitives/numbers.ts";
import type { SignedOperation } from "../../src/primitives/operation.ts";
import {
  block,
  CREATED_AT,
  cancellation,
  createNetwork,
  creation,
  fingerprint,
  GRACE_MS,
  start,
  transfer,
  tryBlock,
} from "./fixture.ts";

// Goal: the invariants hold for any order of operations, and every replay agrees. Method: random chains of blocks
// with few wallets and ids, so that creations collide, funds run out, ids repeat and windows end.
const network = createNetwork();
const NAMES = ["alice", "bob", "carol", "dave"];
const names = fc.constantFrom(...NAMES);
const units = fc.oneof(
  fc.bigInt({ min: 1n, max: 30n }),
  fc.constantFrom(1n << 63n, (1n << 64n) - 1n),
);
/** Deadlines around the block times: some expire, some windows end. */
const deadlines = fc.integer({ min: 0, max: 4 }).map((i) => CREATED_AT + i * 3_000);

const creations = fc.record({
  name: names,
  asset: fc.constantFrom("EUR", "EUR", "EUR", "BTC"),
  balance: fc.option(units, { nil: undefined }),
  validUntil: deadlines,
});
const transfers = fc.record({
  from: names,
  to: names,
  asset: fc.constantFrom("EUR", "EUR", "EUR", "BTC"),
  amount: units,
  id: fc.constantFrom("1", "2", "3", "4", "5", "6"),
  validUntil: deadlines,
});
const cancellations = fc.record({
  from: names,
  id: fc.constantFrom("1", "2", "3", "4", "5", "6"),
  validUntil: deadlines,
});
const operations: fc.Arbitrary<SignedOperation> = fc.oneof(
  {
    weight: 1,
    arbitrary: creations.map(({ balance, ...plan }) =>
      creation(network, balance === undefined ? plan : { ...plan, balance }),
    ),
  },
  { weight: 4, arbitrary: transfers.map((plan) => transfer(network, plan)) },
  { weight: 1, arbitrary: cancellations.map((plan) => cancellation(network, plan)) },
);
const FUNDING = NAMES.slice(0, 3).map((name) => creation(network, { name, balance: 40n }));

interface BlockPlan {
  readonly waitMs: number;
  readonly operations: readonly SignedOperation[];
}
const chains = fc.array(
  fc.record({
    waitMs: fc.constantFrom(0, 1, 2_500, GRACE_MS),
    operations: fc.array(operations, { maxLength: 12 }),
  }),
  { maxLength: 6 },
);

interface Step {
  readonly before: State;
  readonly body: readonly SignedOperation[];
  readonly execution: Execution;
}

/** Runs a chain like a leader that leaves out invalid operations; gives the ordered ones. */
function run(chain: readonly BlockPlan[]): Step[] {
  const steps: Step[] = [];
  let state = start(network);
  for (const plan of [{ waitMs: 0, operations: FUNDING }, ...chain]) {
    const time = state.time + plan.waitMs;
    let body: readonly SignedOperation[] = [];
    for (const operation of plan.operations) {
      const longer = [...body, operation];
      if (tryBlock(network, state, longer, time).kind === "executed") body = longer;
    }
    const execution = block(network, state, body, time);
    steps.push({ before: state, body, execution });
    state = execution.state;
  }
  return steps;
}

const summary = (execution: Execution) =>
  JSON.stringify([
    fingerprint(execution.state),
    execution.results,
    toHex(execution.roots.operationsRoot),
    toHex(execution.roots.resultsRoot),
    toHex(execution.roots.stateRoot),
  ]);

describe("over random chains", () => {
  it("L15: balances sum to the supply, and supply grows by what was issued alone", () => {
    fc.assert(
      fc.property(chains, (chain) => {
        for (const { before, body, execution } of run(chain)) {
          assertConservation(execution.state);
          const issued = [0n, 0n];
          for (const [i, { operation }] of body.entries()) {
            if (operation.kind !== "walletCreation") continue;
            if (execution.results[i]?.status !== "applied") continue;
            const asset = operation.asset === "EUR" ? 0 : 1;
            issued[asset] = (issued[asset] ?? 0n) + (operation.initialBalance ?? 0n);
          }
          const grown = execution.state.supply.map((after, i) => after - (before.supply[i] ?? 0n));
          expect(grown).toEqual(issued);
        }
      }),
    );
  });

  it("no balance is below zero, and nothing is applied after its deadline", () => {
    fc.assert(
      fc.property(chains, (chain) => {
        for (const { body, execution } of run(chain)) {
          for (const [, record] of execution.state.wallets.entries()) {
            expect(record.balance >= 0n).toBe(true);
          }
          for (const [i, { operation }] of body.entries()) {
            if (execution.results[i]?.status === "applied") {
              expect(execution.state.time).toBeLessThanOrEqual(operation.validUntil);
            }
          }
        }
      }),
    );
  });

  it("L11, L21: a valid operation would be declined for the reason that a block of it gives", () => {
    let [applied, declined] = [0, 0];
    fc.assert(
      fc.property(chains, fc.array(operations, { minLength: 8, maxLength: 8 }), (chain, more) => {
        const state = run(chain).at(-1)?.execution.state ?? start(network);
        for (const operation of more) {
          const ordered = tryBlock(network, state, [operation], state.time + 1);
          if (ordered.kind === "invalid") continue;
          const place = placeAfter(network.context, state, state.time + 1);
          const [result] = ordered.results;
          const reason = whyDeclined(network.context, place, operation);
          expect(reason).toBe(result?.status === "declined" ? result.reason : undefined);
          if (reason === undefined) applied += 1;
          else declined += 1;
        }
      }),
    );
    expect(Math.min(applied, declined)).toBeGreaterThan(0);
  });

  it("no id has two results within its window", () => {
    fc.assert(
      fc.property(chains, (chain) => {
        const windowEnds = new Map<string, number>();
        for (const { body, execution } of run(chain)) {
          for (const { key, operation } of body) {
            const end = windowEnds.get(key);
            if (end !== undefined) expect(execution.state.time).toBeGreaterThan(end);
            windowEnds.set(key, operation.validUntil + GRACE_MS);
          }
        }
      }),
    );
  });

  it("L20: a replay gives the same results and roots", () => {
    fc.assert(
      fc.property(chains, (chain) => {
        let replayed = start(network);
        for (const { body, execution } of run(chain)) {
          const again = block(network, replayed, body, execution.state.time);
          expect(summary(again)).toBe(summary(execution));
          replayed = again.state;
        }
      }),
    );
  });

  it("a state restored from records and recent ids goes on as the original does", () => {
    fc.assert(
      fc.property(chains, chains, (chain, more) => {
        const past = run([...chain, ...more]);
        const at = past[chain.length];
        if (at === undefined) throw new Error("there is at least the first block");
        const { execution } = at;
        const parts = { parentHash: zeroDigest, view: view(1), proposer: validatorIndex(0) };
        const { networkId } = network.context;
        const stored = [...execution.state.wallets.entries()].map(([, record]) => {
          const read = decodeWalletRecord(networkId, encodeWalletRecord(networkId, record));
          if (read instanceof Error) throw read;
          return read;
        });
        let state = restoreState(network.context, {
          header: assembleHeader(network.context, { ...parts, execution }),
          wallets: MerkleTrie.empty(network.context.walletTrie).setAll(
            stored
              .reverse()
              .map((record) => [walletTrieKey(sha256, networkId, record.id), record] as const),
          ),
          sponsored: stored,
          record: execution.state,
          usedIds: past
            .slice(0, chain.length + 1)
            .flatMap(({ body }) =>
              body.map(({ key, operation }) => ({ key, validUntil: operation.validUntil })),
            ),
        });
        expect(state.wallets.root()).toEqual(execution.state.wallets.root());
        expect(state.unfunded).toEqual(execution.state.unfunded);
        for (const step of past.slice(chain.length + 1)) {
          const again = block(network, state, step.body, step.execution.state.time);
          expect(toHex(again.roots.stateRoot)).toBe(toHex(step.execution.roots.stateRoot));
          for (const { body } of past) {
            // Both refuse the same operations, used ids included.
            const [left, right] = [state, step.before].map(
              (on) => tryBlock(network, on, body, step.execution.state.time).kind,
            );
            expect(left).toBe(right);
          }
          state = again.state;
        }
      }),
      { numRuns: 40 },
    );
  });
});
