/** Receipts of sealed blocks that were just written: read for a waiting client, and written as messages. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toBinary } from "@bufbuild/protobuf";
import { ReceiptSchema } from "../../gen/countersign/v1/types_pb.ts";
import { FIRST_EPOCH } from "../../src/ledger/epochs.ts";
import { Receipts } from "../../src/node/clients/receipts.ts";
import { commitOf } from "../../src/node/execution/commit.ts";
import { height, validatorIndex } from "../../src/primitives/numbers.ts";
import { createStore } from "../../src/storage/store-factory.ts";
import { receiptToMessage } from "../../src/transport/convert-receipt.ts";
import { Refusal } from "../../src/transport/refusal.ts";
import { createNetwork, creation, transfer } from "../../test/ledger/fixture.ts";
import { Chain } from "../../test/node/chain.ts";
import type { MicroBench } from "./open-group.ts";

const OPERATIONS = 40;

export async function open(): Promise<MicroBench> {
  const network = createNetwork();
  const { context } = network;
  const chain = new Chain(network);
  chain.add(...["a", "b"].map((name) => creation(network, { name, balance: 1_000n })));
  chain.add(
    ...Array.from({ length: OPERATIONS }, (_, i) =>
      transfer(network, { from: "a", to: "b", amount: 1n, id: `${i}` }),
    ),
  );
  const folder = await mkdtemp(join(tmpdir(), "countersign-bench-"));
  const { networkId } = context;
  const location = join(folder, "store");
  const store = await createStore({ engine: "level", location, identity: { networkId } });
  const finalization = chain.finalization(2);
  const rest = { finalization, pruneJournalBelow: undefined, ceremonyChanged: false };
  await store.chain.commit(commitOf(context, chain.executed, rest));
  await store.seals.save(height(2), new Uint8Array(64).fill(7));
  const digest = new Uint8Array(32).fill(5);
  const body = { networkId, epoch: FIRST_EPOCH, groupKey: digest, threshold: 3 };
  const signatures = [0, 1, 2].map((signer) => {
    return { signer: validatorIndex(signer), signature: new Uint8Array(64).fill(signer) };
  });
  const keyCertificate = { ...body, transcriptHash: digest, signatures };
  const receipts = new Receipts({ context, store, finalizer: { keyCertificate } });
  for (const executed of chain.executed) receipts.remember(executed);
  const load = async (index: number) => {
    const ordered = await receipts.load({ height: height(2), index });
    if (ordered instanceof Refusal) throw new Error(ordered.message);
    return ordered.receipt;
  };
  const indices = Array.from({ length: OPERATIONS }, (_, i) => i);
  const loaded = await Promise.all(indices.map(load));
  const last = chain.executed.at(-1);
  if (last === undefined) throw new Error("the chain has blocks");
  return {
    benchmarks: [
      {
        name: `load the receipts of a sealed block of ${OPERATIONS}, each`,
        count: OPERATIONS,
        run: () => Promise.all(indices.map(load)),
      },
      {
        name: "write a sealed receipt as a message",
        count: OPERATIONS,
        run: () => loaded.map((receipt) => toBinary(ReceiptSchema, receiptToMessage(receipt))),
      },
      {
        name: `keep the results of a block of ${OPERATIONS}, each`,
        count: OPERATIONS,
        run: () => receipts.remember(last),
      },
    ],
    close: async () => {
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
