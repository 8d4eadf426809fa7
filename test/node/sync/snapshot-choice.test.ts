/** The choice of a snapshot: a faulty peer must not lead the node to a block whose history no other peer has. */
import { expect, it } from "vitest";
import { encodeCeremonyRecord } from "../../../src/ledger/ceremony-record.ts";
import { encodeWalletRecord } from "../../../src/ledger/wallet-record.ts";
import { createLog } from "../../../src/node/base/log.ts";
import { inlineChecker } from "../../../src/node/base/signature-checker.ts";
import { encodeResults } from "../../../src/node/execution/commit.ts";
import { startFromSnapshot } from "../../../src/node/sync/snapshot-start.ts";
import { equalBytes } from "../../../src/primitives/bytes.ts";
import { height } from "../../../src/primitives/numbers.ts";
import { encodeCertificate } from "../../../src/primitives/vote.ts";
import { openMemoryStore } from "../../../src/storage/memory-store.ts";
import type { BlocksQuery, FetchedBlock, SnapshotQuery } from "../../../src/transport/peer-api.ts";
import { type PeerClient, PeerFailure } from "../../../src/transport/peer-client.ts";
import { createNetwork, creation } from "../../ledger/fixture.ts";
import { Chain } from "../chain.ts";

const [TOP, KNOWN] = [100, 90];
/** Blocks of these chains are a millisecond apart. */
const TIMINGS = { graceMs: 1, lifetimeMsMax: 9 };

const network = createNetwork();
const { genesis } = network.context;
const context = {
  ...network.context,
  genesis: { ...genesis, timings: { ...genesis.timings, ...TIMINGS } },
};
const chain = new Chain(network);
chain.add(creation(network, { name: "alice", balance: 100n }));
chain.extend(TOP - 1);

/** A peer that has committed all blocks up to `tip`, and gives those from `lowest` on. */
function peer({ tip, lowest }: { tip: number; lowest: number }): PeerClient {
  const executed = (at: number) => chain.executed[at - 1] ?? expect.fail(`no block ${at}`);
  const { networkId } = context;
  const only: Pick<PeerClient, "fetchSnapshot" | "fetchBlocks"> = {
    fetchSnapshot: async ({ height: at }: SnapshotQuery) => {
      const { block, execution } = executed(tip);
      const { state } = execution;
      const finalization = encodeCertificate(chain.finalization(tip));
      const offer = { header: block.headerBytes, finalization, wallets: [] };
      if (at === undefined) return offer;
      const wallets = [...state.wallets.entries()].map(([, one]) =>
        encodeWalletRecord(networkId, one),
      );
      return { ...offer, ceremony: encodeCeremonyRecord(networkId, state.ceremony), wallets };
    },
    fetchBlocks: async ({ start, count }: BlocksQuery) => {
      if (start.kind !== "hash") throw new Error("the past is asked for by hash");
      const blocks: FetchedBlock[] = [];
      const top = chain.blocks.findIndex(({ hash }) => equalBytes(hash, start.hash)) + 1;
      for (let at = top; at >= lowest && at <= tip && blocks.length < count; at--) {
        const { block, execution } = executed(at);
        const { headerBytes: header, operations } = block;
        const finalization = encodeCertificate(chain.finalization(at));
        const results = encodeResults(execution.results);
        blocks.push({ header, operations, results, finalization });
      }
      return { blocks, finalHeight: height(tip) };
    },
  };
  return only as PeerClient;
}

/** The warnings of the last start. */
let warned: object[] = [];

async function start(peers: readonly PeerClient[]) {
  warned = [];
  const [self, ...others] = genesis.validators;
  if (self === undefined) throw new Error("there are validators");
  const store = await openMemoryStore({ identity: context });
  const stop = new AbortController();
  let waits = 0;
  await startFromSnapshot({
    context,
    self,
    store,
    checker: inlineChecker,
    clientOf: ({ index }) => peers[others.findIndex((one) => one.index === index)] ?? expect.fail(),
    system: {
      monotonic: () => 0,
      wall: () => 0,
      after: (delayMs, action) => {
        // The pause between rounds in which no peer had the missing blocks.
        if (delayMs < 1_000) waits += 1;
        if (waits > 20) stop.abort(new Error("no peer has the missing blocks"));
        const timer = setTimeout(action, delayMs < 1_000 ? 0 : delayMs);
        return () => clearTimeout(timer);
      },
      entropy: () => expect.fail("nothing is drawn"),
    },
    log: Object.assign(createLog("test", "silent"), { warn: (what: object) => warned.push(what) }),
    blocksMin: 10,
    signal: stop.signal,
  });
  return store.blocks;
}

it("is none that a faulty peer alone has reached, which keeps the blocks below to itself", async () => {
  const [faulty, honest] = [peer({ tip: TOP, lowest: TOP }), peer({ tip: KNOWN, lowest: 1 })];
  const stored = await start([faulty, honest, honest]);
  expect((await stored.loadTip())?.height).toBe(KNOWN);
  expect(stored.history.from).toBeLessThan(KNOWN - TIMINGS.lifetimeMsMax);
});

it("is the highest that one peer more than may be faulty has reached", async () => {
  const [ahead, behind] = [peer({ tip: TOP, lowest: 1 }), peer({ tip: KNOWN, lowest: 1 })];
  expect((await (await start([behind, ahead, ahead])).loadTip())?.height).toBe(TOP);
});

it("is left, and its peer named, if the results of its own block are false", async () => {
  const honest = peer({ tip: TOP, lowest: 1 });
  const liar: PeerClient = {
    ...honest,
    fetchBlocks: async (query) => {
      const answer = await honest.fetchBlocks(query);
      if (answer instanceof PeerFailure || query.count > 1) return answer;
      const results = Uint8Array.of(0, 0, 0, 9);
      return { ...answer, blocks: answer.blocks.map((block) => ({ ...block, results })) };
    },
  };
  expect((await (await start([liar, honest, honest])).loadTip())?.height).toBe(TOP);
  expect(warned).toContainEqual(
    expect.objectContaining({ peer: 1, lie: "results that cannot be decoded" }),
  );
});
