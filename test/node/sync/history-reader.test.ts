/** The past is read while the node takes part: a large block must not hold up the rest of the node. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, it } from "vitest";
import { genesisHeader } from "../../../src/ledger/header.ts";
import { inlineChecker } from "../../../src/node/base/signature-checker.ts";
import { encodeResults } from "../../../src/node/execution/commit.ts";
import { BlockVerifier } from "../../../src/node/sync/block-verifier.ts";
import { HistoryReader } from "../../../src/node/sync/history-reader.ts";
import { assembleBlock } from "../../../src/primitives/block.ts";
import { leafHash, merkleRoot } from "../../../src/primitives/merkle-tree.ts";
import { height } from "../../../src/primitives/numbers.ts";
import { encodeResultLeaf } from "../../../src/primitives/result.ts";
import { createNetwork, transfer } from "../../ledger/fixture.ts";

const OPERATIONS = 2_000;

const network = createNetwork();
const { context } = network;
const { hash, networkId } = context;

it("lets others have their turn within a block", async () => {
  const signed = Array.from({ length: OPERATIONS }, (_, i) =>
    transfer(network, { from: "alice", to: "bob", amount: 1n, id: `${i}` }),
  );
  const result = { status: "applied" } as const;
  const rootOf = (leaves: readonly Uint8Array[]) =>
    merkleRoot(
      hash,
      leaves.map((leaf) => leafHash(hash, leaf)),
    );
  const bodies = signed.map(({ bytes }) => bytes);
  const header = {
    ...genesisHeader(context),
    height: height(7),
    operationCount: OPERATIONS,
    operationsRoot: rootOf(bodies),
    resultsRoot: rootOf(signed.map((one) => encodeResultLeaf(networkId, one, result))),
  };
  const block = assembleBlock(hash, header, bodies);
  const results = encodeResults(signed.map(() => result));
  const parts = { context, checker: inlineChecker };
  const reader = new HistoryReader({
    ...parts,
    verifier: new BlockVerifier(parts),
    keys: { groupKey: undefined },
  });

  let turns = 0;
  const counting = new AbortController();
  const count = async () => {
    for (; !counting.signal.aborted; turns++) await nextTurn();
  };
  const counted = count();
  const fetched = { header: block.headerBytes, operations: bodies, results };
  const read = await reader.read([fetched], { height: height(7), hash: block.hash });
  counting.abort();
  await counted;
  expect(read).toMatchObject({ blocks: [{ height: 7 }] });
  expect(turns).toBeGreaterThan(OPERATIONS / 200);
});
