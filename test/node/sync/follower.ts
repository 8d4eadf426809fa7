/** A node that follows a chain of 150 blocks, which its peers serve, honestly or not. */
import type { Input } from "../../../src/consensus/interface.ts";
import { JournalIndex } from "../../../src/consensus/journal.ts";
import { genesisState } from "../../../src/ledger/state.ts";
import { Pool } from "../../../src/mempool/pool.ts";
import { WaitingRoom } from "../../../src/mempool/waiting-room.ts";
import { createLog, type Log } from "../../../src/node/base/log.ts";
import { inlineChecker } from "../../../src/node/base/signature-checker.ts";
import { Finalizer } from "../../../src/node/execution/finalizer.ts";
import { BlockVerifier } from "../../../src/node/sync/block-verifier.ts";
import { CatchUp, type FetchRequest } from "../../../src/node/sync/catch-up.ts";
import { equalBytes } from "../../../src/primitives/bytes.ts";
import { height, type ValidatorIndex, validatorIndex } from "../../../src/primitives/numbers.ts";
import { encodeCertificate } from "../../../src/primitives/vote.ts";
import { openMemoryStore } from "../../../src/storage/memory-store.ts";
import type { BlocksQuery, FetchedBlocks } from "../../../src/transport/peer-api.ts";
import { createNetwork, creation, transfer } from "../../ledger/fixture.ts";
import { Chain, freshApplication, genesisBlock } from "../chain.ts";

export type Peer = (
  query: BlocksQuery,
) => FetchedBlocks | undefined | Promise<FetchedBlocks | undefined>;

export const network = createNetwork();

/** 150 blocks, the first ones with payments. */
function createChain(): Chain {
  const chain = new Chain(network);
  chain.add(
    creation(network, { name: "alice", balance: 100n }),
    creation(network, { name: "bob" }),
  );
  for (let i = 1n; i <= 5n; i++)
    chain.add(transfer(network, { from: "alice", to: "bob", amount: i }));
  chain.extend(144);
  return chain;
}

export const chain = createChain();

/** Answers like an honest node with this chain, which may have a finalization of only a few heights. */
export function holding(hasFinalization: (height: number) => boolean): Peer {
  return (query) => {
    const answer = honest(query);
    if (query.start.kind !== "height") return answer;
    const from = query.start.height;
    const heights = answer.blocks.map((_, place) => from + place);
    const top = heights.findLast(hasFinalization);
    if (top === undefined) return { ...answer, finalization: undefined };
    const finalization = encodeCertificate(chain.finalization(top));
    return { ...answer, finalization, blocks: answer.blocks.slice(0, top - from + 1) };
  };
}

/** Answers like an honest node with this chain. */
export const honest = ({ start, count }: BlocksQuery): FetchedBlocks => {
  const finalHeight = height(chain.height);
  if (start.kind === "height") {
    const blocks = chain.blocks.slice(start.height - 1, start.height - 1 + count);
    const top = blocks.at(-1)?.header.height;
    const proof = top === undefined ? undefined : encodeCertificate(chain.finalization(top));
    return { blocks: blocks.map(fetched), finalization: proof, finalHeight };
  }
  const place = chain.blocks.findIndex(({ hash }) => equalBytes(hash, start.hash));
  const from = Math.max(start.above, place + 1 - count);
  const blocks = chain.blocks.slice(from, place + 1).reverse();
  return { blocks: blocks.map(fetched), finalHeight };
};

function fetched({ headerBytes, operations }: Chain["blocks"][number]) {
  return { header: headerBytes, operations };
}

/** An honest peer's answers, changed. */
export function lying(change: (answer: FetchedBlocks) => FetchedBlocks): Peer {
  return (query) => {
    return change(honest(query));
  };
}

/** A node at the genesis with these peers, from validator 1 on. */
export async function follower(...peers: readonly Peer[]) {
  const { context } = network;
  const store = await openMemoryStore({ identity: { networkId: context.networkId } });
  const pool = new Pool({ operationsPerSenderMax: 10, bytesPerSenderMax: 10_000 });
  const application = freshApplication(network, pool);
  const { header, hash } = genesisBlock(network);
  const failures: unknown[] = [];
  const finalizer = new Finalizer({
    context,
    application,
    pool,
    waitingRoom: new WaitingRoom({ perSenderMax: 10 }),
    chain: store.chain,
    journalIndex: new JournalIndex(),
    committed: { state: genesisState(context), header, hash },
    fail: (error) => failures.push(error),
  });
  finalizer.announceTo({ committed: () => undefined });
  const asked: { readonly peer: ValidatorIndex; readonly query: BlocksQuery }[] = [];
  const inputs: Input[] = [];
  /** Running timers with their delays; the test ends each. */
  const patience = new Map<() => void, number>();
  const done = Promise.withResolvers<void>();
  /** The lies in the log. */
  const lies: { readonly peer: number; readonly lie: string; readonly bytes: string }[] = [];
  const log: Log = createLog("follower", "silent");
  log.warn = (fields: unknown) => void lies.push(fields as (typeof lies)[number]);
  const catchUp = new CatchUp({
    finalizer,
    application,
    verifier: new BlockVerifier({ context, checker: inlineChecker }),
    log,
    source: {
      fetchBlocks: (peer, query) => {
        asked.push({ peer, query });
        return Promise.resolve(peers[peer - 1]?.(query));
      },
    },
    system: {
      after: (delayMs, action) => {
        patience.set(action, delayMs);
        return () => patience.delete(action);
      },
    },
    patienceMs: 150,
    consensus: {
      push: (input) => {
        inputs.push(input);
        if (finalizer.committed.state.height === chain.height || input.kind === "fetched") {
          done.resolve();
        }
        return Promise.resolve();
      },
    },
    fail: (error) => failures.push(error),
  });
  const { promise } = done;
  return {
    ...{ catchUp, application, finalizer, asked, inputs, failures, store, patience, lies },
    done: promise,
  };
}

/** The core's request when it has a finalization of the block at `certified` and lacks the one at `missing`. */
export function request(missing: number, fields: Partial<FetchRequest> = {}): FetchRequest {
  const block = chain.blocks[missing - 1];
  if (block === undefined) throw new Error("no such block");
  return {
    kind: "fetchBlocks",
    hash: block.hash,
    height: block.header.height,
    above: height(0),
    certificate: chain.finalization(missing),
    peers: [validatorIndex(1), validatorIndex(2)],
    ...fields,
  };
}

/** Repeats the look after every turn of the event loop. */
export async function until(condition: () => boolean): Promise<void> {
  const end = Date.now() + 5_000;
  while (!condition()) {
    if (Date.now() > end) throw new Error("waited in vain");
    await new Promise(setImmediate);
  }
}
