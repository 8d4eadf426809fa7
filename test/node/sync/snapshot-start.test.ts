/**
 * R31: a node that is far behind starts from a snapshot. It takes part at once, says of missing history that it does
 * not know it, and ends with the same store as a node that executed everything, except for what it did not compute.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Wait } from "../../../gen/countersign/v1/types_pb.ts";
import { createLedgerContext } from "../../../src/ledger/context.ts";
import { isValidPoint, sha256 } from "../../../src/node/base/crypto.ts";
import { inlineChecker } from "../../../src/node/base/signature-checker.ts";
import { verifyStore } from "../../../src/node/verify/store-verifier.ts";
import { decodeHeader } from "../../../src/primitives/block.ts";
import { EncodingError } from "../../../src/primitives/encoding.ts";
import type { Uuid } from "../../../src/primitives/ids.ts";
import { validatorIndex } from "../../../src/primitives/numbers.ts";
import { createCeremonyJudge } from "../../../src/seal/judge.ts";
import { createSuite } from "../../../src/seal/suite.ts";
import { MemoryDisk } from "../../../src/storage/memory-store.ts";
import { StorageError } from "../../../src/storage/storage-errors.ts";
import type { FetchedBlocks, FetchedSnapshot, PeerApi } from "../../../src/transport/peer-api.ts";
import { Refusal } from "../../../src/transport/refusal.ts";
import type { Cluster } from "../../support/cluster.ts";
import { randomUuid } from "../../support/operations.ts";
import { twistedApi } from "../../support/twisted-api.ts";
import { PowerCutDisk } from "../failing-disk.ts";
import {
  balanceOf,
  expectAgreement,
  expectSealed,
  issue,
  type Owned,
  refusalOf,
  SETUP_MS,
  signedTransfer,
  startNetwork,
  statuses,
  stopNetwork,
  until,
} from "../network.ts";

const AWAY = 3;
const TIMINGS = {
  // Few turns of a silent leader are waited for here. The timeout is shorter than a block takes on a slow machine,
  // and grows with each nullified view.
  viewTimeoutMs: 1_000,
  sealTimeoutMs: 400,
  graceMs: 500,
  lifetimeMsMax: 10_000,
  clockSkewMs: 500,
  // As long as the lifetime allows: on a slow machine, shorter attempts ended before their key was made.
  ceremonyTimeoutMs: 9_000,
};
const WINDOW_MS = TIMINGS.graceMs + TIMINGS.lifetimeMsMax;
/** A part of the window's blocks, so that the window and the hole below it take several questions. */
const BLOCKS_PER_ANSWER = 8;

let cluster: Cluster;
/** No member gives blocks below this height with their results. */
let lowestGiven = 0;
/** Changes the answers of member 0. */
let liar: Liar = {};
/** The number of questions whose answers were changed. */
let lies = 0;
const disk = new PowerCutDisk();
/** The away node's chain when it stopped. */
let heldThen: ReadonlyMap<string, Uint8Array>;
let history: Payments;

interface Liar {
  readonly snapshot?: (answer: FetchedSnapshot) => FetchedSnapshot | Refusal;
  readonly past?: (answer: FetchedBlocks) => FetchedBlocks;
}

interface Payments {
  readonly payer: Owned;
  readonly payee: Owned;
  /** Ids of the transfers, in order. */
  readonly ids: readonly Uuid[];
  /** The time at which the away node stopped. */
  readonly heldHeight: number;
}

function seen(index: number, api: PeerApi): PeerApi {
  const twisted: Partial<PeerApi> = {
    fetchBlocks: async (query, caller) => {
      const answer = await api.fetchBlocks(query, caller);
      if (answer instanceof Refusal || query.withResults !== true) return answer;
      const given = answer.blocks.filter(({ header }) => heightOf(header) >= lowestGiven);
      const some = { ...answer, blocks: given.slice(0, BLOCKS_PER_ANSWER) };
      if (index !== 0 || liar.past === undefined) return some;
      lies += 1;
      return liar.past(some);
    },
    fetchSnapshot: async (query, caller) => {
      const answer = await api.fetchSnapshot(query, caller);
      if (answer instanceof Refusal || index !== 0 || liar.snapshot === undefined) return answer;
      lies += 1;
      return liar.snapshot(answer);
    },
  };
  return twistedApi(api, () => twisted);
}

function heightOf(bytes: Uint8Array): number {
  const header = decodeHeader(bytes);
  return header instanceof EncodingError ? 0 : header.height;
}

/** A network in which one node was down for longer than the window. */
async function grow(): Promise<Payments> {
  cluster = await startNetwork({
    timings: TIMINGS,
    asSeen: seen,
    diskOf: (index) => (index === AWAY ? disk : new MemoryDisk()),
    snapshotBlocksMin: 10,
  });
  const payer = await issue(cluster, 1, { balance: 10_000n });
  const payee = await issue(cluster, 2);
  const ids: Uuid[] = [];
  const pay = async (count: number) => {
    for (let i = 0; i < count; i++) {
      const id = randomUuid();
      const request = payment({ payer, payee }, id);
      await cluster.client(1).transaction({ ...request, wait: Wait.FINAL });
      ids.push(id);
    }
  };
  await pay(10);
  await expectAgreement(cluster);
  const heldHeight = Number((await cluster.client(AWAY).getStatus({})).height);
  await cluster.stopNode(AWAY);
  heldThen = chainRecords();
  await pay(90);
  await new Promise((resolve) => setTimeout(resolve, WINDOW_MS));
  await pay(20);
  return { payer, payee, ids, heldHeight };
}

function payment({ payer, payee }: Pick<Payments, "payer" | "payee">, id: Uuid) {
  const validUntil = Date.now() + TIMINGS.lifetimeMsMax - 500;
  return signedTransfer(cluster, { from: payer, to: payee.id, amount: 1n, id, validUntil });
}

/** Header, body, results, finalization, seal, places by hash and id, creations, wallets, tip, ceremony and history. */
function chainRecords(): Map<string, Uint8Array> {
  const isOfChain = (key: string) => /^([hbrfsxocw]|m[tch]$)/.test(key);
  return new Map([...disk.entries].filter(([key]) => isOfChain(key)));
}

/** The away node has its old chain, or none; it keeps its journal, and so the record of its votes. */
async function goBack(held: ReadonlyMap<string, Uint8Array> = heldThen): Promise<void> {
  await cluster.stopNode(AWAY);
  for (const key of chainRecords().keys()) disk.entries.delete(key);
  for (const [key, value] of held) disk.entries.set(key, value);
}

/** A member gives the same snapshot for minutes; after a restart it gives one of the tip. */
async function renewSnapshots(): Promise<void> {
  for (const index of [0, 1, 2]) {
    await cluster.stopNode(index);
    await cluster.startNode(index);
  }
  await expectAgreement(cluster);
}

function isWholeNow(): boolean {
  return cluster.isRunning(AWAY) && cluster.store(AWAY).blocks.history.from === 1;
}

async function expectWhole(): Promise<void> {
  await until("the whole history", async () => {
    const { historyFrom, ready } = await cluster.client(AWAY).getStatus({});
    return historyFrom === 1n && ready;
  });
}

/** Replays the whole chain from the genesis: every root, result, index, certificate and seal. */
async function expectSound(): Promise<void> {
  expect(await verified()).toMatchObject({ kind: "sound" });
}

async function verified() {
  const judge = createCeremonyJudge(createSuite({ isValidPoint, hash: sha256 }));
  const context = createLedgerContext({
    genesis: cluster.genesis,
    hash: sha256,
    isValidPoint,
    judge,
  });
  const store = cluster.store(AWAY);
  const parts = { context, store, checker: inlineChecker, self: validatorIndex(AWAY) };
  return await verifyStore({ ...parts, onBlock: () => undefined });
}

beforeAll(async () => {
  history = await grow();
}, SETUP_MS + 60_000);
beforeEach(() => {
  lowestGiven = 0;
  liar = {};
  lies = 0;
});
afterAll(() => stopNetwork(cluster));

describe("R31: a node that was away for longer than the window", () => {
  it("A7: takes part on a snapshot, and says what it does not know yet", async () => {
    const { payer, payee, ids, heldHeight } = history;
    const { height: tip } = await cluster.client(0).getStatus({});
    // Members give all blocks of the window, and none below it.
    const { operations } = cluster.store(0);
    lowestGiven = (await operations.loadOperation(`${payer.id}/${ids[95]}`))?.height ?? 0;
    await goBack();
    await cluster.startNode(AWAY);
    const held = cluster.store(AWAY).blocks.history;
    expect(held.snapshot).toBeGreaterThanOrEqual(Number(tip));
    expect(held.below).toBe(heldHeight);
    expect(held.from).toBeGreaterThanOrEqual(lowestGiven);

    const away = cluster.client(AWAY);
    await until("four links", async () => (await away.getStatus({})).connectedPeers === 3);
    await cluster.stopNode(2);
    const vote = { ...payment(history, randomUuid()), wait: Wait.FINAL };
    expect((await cluster.client(1).transaction(vote)).receipt, "it votes").toBeDefined();
    await cluster.startNode(2);
    await until("one height", async () => {
      return new Set((await statuses(cluster)).map(({ height }) => height)).size === 1;
    });
    expect(await balanceOf(cluster, AWAY, payee.id)).toBe(await balanceOf(cluster, 0, payee.id));

    expect((await away.getStatus({})).notReadyBecause).toContain("older blocks are still to come");
    const [first, missing, last] = [ids[0] ?? "", ids[50] ?? payee.id, ids.at(-1) ?? ""];
    for (const id of [first, last]) {
      expect((await away.getReceipt({ from: payer.id, id })).receipt).toBeDefined();
    }
    expect(await refusalOf(away.getReceipt({ from: payer.id, id: missing }))).toMatchObject({
      code: "Unavailable",
      reason: "HISTORY_INCOMPLETE",
      field: "id",
    });
    expect(await refusalOf(away.transaction(payment(history, missing)))).toMatchObject({
      reason: "HISTORY_INCOMPLETE",
      field: "transaction.id",
    });
    expect(await refusalOf(away.walletCreation({ initialBalance: 1n }))).toMatchObject({
      reason: "HISTORY_INCOMPLETE",
      field: "creationId",
    });

    expect(await verified()).toMatchObject({ kind: "incomplete", below: heldHeight });

    lowestGiven = 0;
    await expectWhole();
    await expectSealed(cluster, (await away.getReceipt({ from: payer.id, id: missing })).receipt);
    // The same payment with another deadline is the one that was made long ago.
    const again = await away.transaction(payment(history, missing));
    expect(again.transaction?.validUntil).not.toBe(
      payment(history, missing).transaction?.validUntil,
    );
    await expectSealed(cluster, again.receipt);
    const other = signedTransfer(cluster, { from: payer, to: payee.id, amount: 2n, id: missing });
    expect(await refusalOf(away.transaction(other))).toMatchObject({ reason: "ID_IN_USE" });
    await expectAgreement(cluster);
    await expectSound();
    // The journal is newer than the chain that is put back: the node must not go back behind its votes.
    await renewSnapshots();
  });

  it("has nothing left of the chain, and gets all of it down to the genesis", async () => {
    await goBack(new Map());
    await cluster.startNode(AWAY);
    expect(cluster.store(AWAY).blocks.history.snapshot).toBeGreaterThan(0);
    await expectWhole();
    await expectAgreement(cluster);
    await expectSound();
  });

  it("is told to stop while it waits for the window, and goes on at the next start", async () => {
    await goBack();
    lowestGiven = Number((await cluster.client(0).getStatus({})).height);
    const stop = new AbortController();
    const starting = cluster.startNode(AWAY, stop.signal);
    await until("the snapshot on its disk", async () => disk.entries.has("mh"));
    stop.abort("told to stop");
    await expect(starting).rejects.toBe("told to stop");
    // A stop that comes while something else is awaited, such as the write of a large state, is still obeyed.
    const before = AbortSignal.abort("told before");
    await expect(cluster.startNode(AWAY, before)).rejects.toBe("told before");
    lowestGiven = 0;
    await cluster.startNode(AWAY);
    await expectWhole();
    await expectAgreement(cluster);
    await expectSound();
  });

  it("goes on where it was, however often its power is cut", async () => {
    await goBack(new Map());
    let cuts = 0;
    for (let write = 1; ; write++) {
      // The power fails at the first write of one start, at the second of the next, and so on; before or after the
      // write.
      disk.cutAt(write, write % 2 === 0 ? "before" : "after");
      await cluster.startNode(AWAY).catch(() => undefined);
      await until("a cut, or nothing left to fill in", async () => disk.isCut || isWholeNow());
      if (!disk.isCut) break;
      cuts += 1;
      await cluster.stopNode(AWAY, true);
    }
    disk.cutAt(Number.POSITIVE_INFINITY, "before");
    expect(cuts).toBeGreaterThan(4);
    // Each failure ended the node, and nothing else did.
    expect(cluster.failures.splice(0).filter((error) => !(error instanceof StorageError))).toEqual(
      [],
    );
    await expectWhole();
    await expectAgreement(cluster);
    await expectSound();
  });
});

describe("a node starts from the snapshot of an honest member though another", () => {
  const [wrong = 0] = [1];
  const flip = (bytes: Uint8Array, place: number) => bytes.with(place, (bytes[place] ?? 0) ^ wrong);
  const WAYS: Readonly<Record<string, Liar>> = {
    "has another balance": {
      // The statement's head and the count of its entries follow the balance.
      snapshot: (answer) => ({
        ...answer,
        wallets: answer.wallets.map((bytes) => flip(bytes, bytes.length - 41)),
      }),
    },
    "leaves a wallet out": {
      snapshot: (answer) => ({ ...answer, wallets: answer.wallets.slice(1) }),
    },
    "gives a wallet twice": {
      snapshot: (answer) => ({ ...answer, wallets: [...answer.wallets, ...answer.wallets] }),
    },
    "has another ceremony": {
      snapshot: ({ ceremony, ...answer }) =>
        ceremony === undefined
          ? answer
          : { ...answer, ceremony: flip(ceremony, ceremony.length - 1) },
    },
    "gives no ceremony": { snapshot: ({ ceremony: _, ...answer }) => answer },
    "offers a header that is not final": {
      snapshot: (answer) => ({ ...answer, header: flip(answer.header, answer.header.length - 9) }),
    },
    "offers one, and gives no state": {
      snapshot: (answer) =>
        answer.wallets.length === 0 ? answer : new Refusal("NOT_FOUND", { message: "gone" }),
    },
    "has other results": {
      past: (answer) => ({
        ...answer,
        blocks: answer.blocks.map((block) => ({
          ...block,
          ...(block.results === undefined ? {} : { results: flip(block.results, 4) }),
        })),
      }),
    },
    "has other seals": {
      past: (answer) => ({
        ...answer,
        blocks: answer.blocks.map((block) => ({
          ...block,
          ...(block.seal === undefined ? {} : { seal: flip(block.seal, 0) }),
        })),
      }),
    },
    "has finalizations of other blocks": {
      past: (answer) => ({
        ...answer,
        blocks: answer.blocks.map((block, place) => {
          const other = answer.blocks[(place + 1) % answer.blocks.length]?.finalization;
          return other === undefined ? block : { ...block, finalization: other };
        }),
      }),
    },
    "gives other blocks": { past: (answer) => ({ ...answer, blocks: answer.blocks.toReversed() }) },
    "gives nothing": { past: (answer) => ({ ...answer, blocks: [] }) },
  };

  it.each(Object.entries(WAYS))("%s", async (_, way) => {
    await goBack();
    liar = way;
    await cluster.startNode(AWAY);
    await expectWhole();
    expect(lies).toBeGreaterThan(0);
    expect(cluster.store(AWAY).blocks.history.snapshot).toBeGreaterThan(history.heldHeight);
    await expectAgreement(cluster);
    await expectSound();
  });
});
