/** Proofs of a node, from the states that it keeps; and the operations of a page, of which one may end early. */
import { describe, expect, it } from "vitest";
import { anonymousCaller, OPEN_CALLER } from "../../../src/access/principal.ts";
import { trustGenesis } from "../../../src/client/receipt-verifier.ts";
import { verifyStatement } from "../../../src/client/statement-verifier.ts";
import { verifyWalletProof } from "../../../src/client/wallet-proof-verifier.ts";
import { deltaOf } from "../../../src/ledger/entry-record.ts";
import { findWallet } from "../../../src/ledger/state.ts";
import { ListCursors } from "../../../src/node/clients/list-cursor.ts";
import { ListReads } from "../../../src/node/clients/list-reads.ts";
import { Receipts } from "../../../src/node/clients/receipts.ts";
import { Statements } from "../../../src/node/clients/statements.ts";
import { WalletProofs } from "../../../src/node/clients/wallet-proofs.ts";
import { RecentStates } from "../../../src/node/execution/recent-states.ts";
import { EncodingError } from "../../../src/primitives/encoding.ts";
import type { WalletId } from "../../../src/primitives/ids.ts";
import { height } from "../../../src/primitives/numbers.ts";
import {
  encodeStatementProof,
  type StatementProofEntry,
} from "../../../src/primitives/statement-proof.ts";
import { decodeWalletProof } from "../../../src/primitives/wallet-proof.ts";
import type { WalletQuery } from "../../../src/transport/ledger-api.ts";
import { cryptography } from "../../client/network.ts";
import { idOf, transfer } from "../../ledger/fixture.ts";
import { Random } from "../../support/world/random.ts";
import { answered, CALL, ListRig, network, WALLETS } from "./list-rig.ts";

const SEED = Number(process.env["PROOF_SEED"] ?? Date.now() % 1_000_000);
const { context } = network;
const trust = trustGenesis(context.genesis, cryptography);
const [alice = idOf("none")] = WALLETS;

function proofsOf(rig: ListRig, sealedHeight = 0) {
  const states = new RecentStates();
  for (const executed of rig.chain.executed) states.remember(executed);
  const { store, finalizer } = rig;
  const proofs = new WalletProofs({
    ...{ context, states, finalizer },
    custody: { custodianOf: () => undefined },
    receipts: new Receipts({ context, store, finalizer }),
    waiters: { sealedHeight },
    reads: new ListReads(() => 0),
  });
  const prove = (query: Partial<WalletQuery> = {}, caller = OPEN_CALLER) => {
    const asked = { id: alice, prove: true, ...query };
    const now = findWallet(context, rig.state, asked.id);
    return proofs.prove(asked, now, { ...CALL, caller });
  };
  return { prove };
}

describe(`proofs of a node (PROOF_SEED=${SEED})`, () => {
  it("L17: every wallet is proven at every height whose state is kept", async () => {
    const rig = await ListRig.start(new Random(SEED, 1));
    // One block in each commit: a finalization of its own for each.
    for (let i = 0; i < 20; i++) await rig.grow(1);
    const { prove } = proofsOf(rig);
    for (const id of WALLETS) {
      for (let at = 1; at <= rig.chain.height; at++) {
        const { proof = new Uint8Array(), wallet } = answered(
          await prove({ id, atHeight: height(at) }),
        );
        const proven = verifyWalletProof(trust, id, proof);
        const { balance } = (rig.model.get(id) ?? []).findLast((one) => one.height <= at) ?? {};
        expect(proven).toMatchObject({
          kind: "wallet",
          header: { height: at },
          wallet: { balance },
        });
        expect(wallet?.balance).toBe(balance);
      }
    }
  });

  it("shows the newest sealed state, but for a younger wallet, or for a height above it", async () => {
    const rig = await ListRig.start(new Random(SEED, 2));
    for (let i = 0; i < 5; i++) await rig.grow(1);
    const { prove } = proofsOf(rig, 3);
    expect(answered(await prove()).height).toBe(3);
    expect(answered(await prove({ minHeight: height(4) })).height).toBe(rig.chain.height);
  });

  it("keeps the states of the last 64 heights, and says so", async () => {
    const rig = await ListRig.start(new Random(SEED, 3));
    for (let i = 0; i < 70; i++) await rig.grow(1);
    const { prove } = proofsOf(rig);
    const lowest = rig.chain.height - 63;
    expect(answered(await prove({ atHeight: height(lowest) })).height).toBe(lowest);
    expect(await prove({ atHeight: height(lowest - 1) })).toMatchObject({
      ...{ reason: "NOT_FOUND", field: "atHeight" },
      message: `this node keeps the states of heights ${lowest} to ${rig.chain.height} for proofs`,
    });
  });

  it("proves an absence to callers that may read all wallets alone", async () => {
    const rig = await ListRig.start(new Random(SEED, 4));
    const { prove } = proofsOf(rig);
    const id = idOf("absent") as WalletId;
    const { proof = new Uint8Array(), wallet } = answered(await prove({ id }));
    expect(wallet).toBeUndefined();
    expect(verifyWalletProof(trust, id, proof)).toMatchObject({ kind: "absence" });
    const stranger = anonymousCaller(["read"]);
    expect(await prove({ id }, stranger)).toMatchObject({ reason: "UNKNOWN_WALLET" });
  });

  it("T9: proofs are counted as lists are", async () => {
    const rig = await ListRig.start(new Random(SEED, 5));
    const { prove } = proofsOf(rig);
    const answers = await Promise.all(Array.from({ length: 1_000 }, () => prove()));
    const refused = answers.filter((answer) => "reason" in answer);
    expect(refused.length).toBeGreaterThan(300);
    expect(refused[0]).toMatchObject({ reason: "TOO_MANY_REQUESTS" });
  });
});

it("L16: pages with operations end early in large blocks, and together make a proven statement", async () => {
  const rig = await ListRig.start(new Random(SEED, 6));
  // Each costs nine records: the 2,000 records of a call are not enough for all of them.
  const blocks = Array.from({ length: 240 }, (_, at) =>
    Array.from({ length: 40 }, (__, i) => {
      const [from, to] = at % 2 === 0 ? ["bob", "alice"] : ["alice", "bob"];
      const parties = i === 7 ? { from, to } : { from: "carol", to: "dave" };
      return transfer(network, { ...parties, amount: 1n, id: `${at} ${i}` });
    }),
  );
  for (const block of blocks.slice(0, 10)) await rig.commit(block);
  await rig.commit(...blocks.slice(10));
  const { store, finalizer } = rig;
  const receipts = new Receipts({ context, store, finalizer });
  const statements = new Statements({
    ...{ context, store, receipts, finalizer },
    ownership: { mayRead: async () => true },
    view: { isLagging: false },
    cursors: new ListCursors(context),
    reads: new ListReads(() => 0),
  });
  const entries: StatementProofEntry[] = [];
  let cursor: string | undefined;
  let pages = 0;
  do {
    const query = { walletId: alice, newestFirst: false, pageSize: 1_000, withOperations: true };
    const page = answered(await statements.entries({ ...query, cursor }, CALL));
    for (const entry of page.entries) {
      const bytes = entry.operation ?? expect.fail("it was asked for");
      entries.push({
        height: entry.height,
        operation: { kind: "operation", bytes },
        delta: deltaOf(entry),
      });
    }
    cursor = page.nextCursor;
    pages += 1;
  } while (cursor !== undefined);
  expect(pages).toBeGreaterThan(1);
  const { proof = new Uint8Array() } = answered(await proofsOf(rig).prove());
  const closing = decodeWalletProof(proof);
  if (closing instanceof EncodingError) throw closing;
  const bytes = encodeStatementProof({ closing, entries });
  expect(verifyStatement(trust, alice, bytes)).toMatchObject({
    ...{ kind: "statement", opening: { entries: 0 } },
    wallet: { entries: rig.model.get(alice)?.length },
  });
});
