/**
 * Range sync with one honest peer and others that act by chance: it always advances, takes nothing wrong, and asks
 * each peer one question at a time. `SEED=… npm test -- test/node/sync/range-sync-random.test.ts` repeats a run.
 */
import { describe, expect, it } from "vitest";
import { height, type ValidatorIndex, validatorIndex } from "../../../src/primitives/numbers.ts";
import { encodeCertificate } from "../../../src/primitives/vote.ts";
import type { FetchedBlocks } from "../../../src/transport/peer-api.ts";
import { Random } from "../../support/world/random.ts";
import { chain, follower, holding, honest, lying, type Peer, request } from "./follower.ts";

const seed = Number(process.env["SEED"] ?? Date.now() % 1_000_000_000);
const RUNS = 40;
/** One second of a timer. */
const TURNS_PER_SECOND = 20;
const TURNS_MAX = 100_000;

const WRONG: readonly ((answer: FetchedBlocks) => FetchedBlocks | undefined)[] = [
  () => undefined,
  () => ({ blocks: [], finalHeight: height(150) }),
  ({ blocks, finalHeight }) => ({ blocks, finalHeight }),
  (answer) => ({ ...answer, blocks: answer.blocks.slice(1) }),
  (answer) => ({ ...answer, blocks: answer.blocks.slice(0, 5) }),
  (answer) => ({ ...answer, blocks: answer.blocks.toReversed() }),
  (answer) => ({ ...answer, finalization: encodeCertificate(chain.finalization(7)) }),
  (answer) => ({
    ...answer,
    blocks: answer.blocks.map(({ header }) => ({ header, operations: [header] })),
  }),
];

/** Settles after some turns of the event loop. */
async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise(setImmediate);
}

function honestPeer(random: Random): Peer {
  const share = random.pick([1, 0.1, 0.02]);
  const kept = new Set(
    chain.blocks.map(({ header }) => header.height).filter(() => random.chance(share)),
  );
  const serve = holding((at) => at === chain.height || kept.has(height(at)));
  return async (query) => {
    await turns(random.below(10));
    return await serve(query);
  };
}

/** Sometimes answers like an honest peer, sometimes not, and sometimes only after the question has ended. */
function fickle(random: Random): Peer {
  return async (query) => {
    await turns(random.chance(0.1) ? 10 * TURNS_PER_SECOND : random.below(20));
    if (random.chance(0.3)) return honest(query);
    if (random.chance(0.2)) return honest({ ...query, count: random.between(1, query.count) });
    const change = random.pick(WRONG);
    const answer = await lying((whole) => whole)(query);
    return answer && change(answer);
  };
}

async function syncRanges(random: Random): Promise<void> {
  const open = new Map<ValidatorIndex, number>();
  const place = random.below(3);
  const peers = [0, 1, 2].map((index): Peer => {
    const serve = index === place ? honestPeer(random) : fickle(random);
    const self = validatorIndex(index + 1);
    return async (query) => {
      open.set(self, (open.get(self) ?? 0) + 1);
      expect(open.get(self), "one question at a time").toBe(1);
      const answer = await serve(query);
      open.set(self, 0);
      return answer;
    };
  });
  const node = await follower(...peers);
  const begun = new Map<() => void, number>();
  for (let turn = 0; node.application.finalTip.height < chain.height; turn++) {
    if (turn === TURNS_MAX) expect.fail(`stuck at ${node.application.finalTip.height}`);
    const above = height(node.application.finalTip.height);
    const all = [1, 2, 3].map(validatorIndex);
    // As the core does: again and again while it lacks the block.
    if (chain.height - above > 32) node.catchUp.request(request(150, { above, peers: all }));
    else node.catchUp.request(request(150, { above: height(above - 33), peers: all }));
    for (const [action, delayMs] of [...node.patience]) {
      const since = begun.get(action) ?? turn;
      begun.set(action, since);
      if (turn - since < (delayMs / 1_000) * TURNS_PER_SECOND) continue;
      node.patience.delete(action);
      action();
    }
    await turns(1);
  }
  await node.finalizer.idle();
  await turns(1);
  const told = node.inputs.map((input) =>
    input.kind === "caughtUp" ? input.final.header.height : 0,
  );
  expect(told).toEqual(told.toSorted((left, right) => left - right));
  expect(node.application.finalTip.hash).toEqual(chain.blocks.at(-1)?.hash);
  expect(await node.store.blocks.loadTip()).toMatchObject({ height: chain.height });
  expect(node.failures).toEqual([]);
  node.catchUp.stop();
}

describe(`a node that fetches ranges (SEED=${seed})`, () => {
  it("gets up among one honest peer and two fickle ones, and never takes a wrong block", async () => {
    for (let run = 0; run < RUNS; run++) await syncRanges(new Random(seed, run));
  }, 180_000);
});
