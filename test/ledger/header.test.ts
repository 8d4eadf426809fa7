import { describe, expect, it } from "vitest";
import { assembleHeader, genesisHeader } from "../../src/ledger/header.ts";
import { stateRoot } from "../../src/ledger/state.ts";
import { sha256 } from "../../src/node/base/crypto.ts";
import { blockHash, encodeHeader } from "../../src/primitives/block.ts";
import { toHex } from "../../src/primitives/bytes.ts";
import { validatorIndex, view } from "../../src/primitives/numbers.ts";
import { block, CREATED_AT, createNetwork, creation, start } from "./fixture.ts";

// As before there were rulesets: the headers of older networks keep their bytes.
const network = createNetwork(4, undefined, {}, []);
const { context } = network;

describe("the genesis header", () => {
  it("is empty, of the genesis time, and differs between networks", () => {
    const header = genesisHeader(context);
    expect(header).toMatchObject({
      height: 0,
      view: 0,
      epoch: 1,
      operationCount: 0,
      walletCount: 0,
      supply: [0n, 0n],
      time: CREATED_AT,
    });
    expect(header.stateRoot).toEqual(stateRoot(context, start(network)));
    const other = genesisHeader(createNetwork(7).context);
    expect(other.stateRoot).not.toEqual(header.stateRoot);
  });

  it("has its golden hash", () => {
    const hash = blockHash(sha256, encodeHeader(genesisHeader(context)));
    expect(toHex(hash)).toBe("e4d53b38fc395f7b5aac434676b6a9c5bf4867445439c8be5b550a0fc80c8179");
  });
});

it("L18: a block's header says what its execution says", () => {
  const execution = block(network, start(network), [
    creation(network, { name: "alice", balance: 7n }),
  ]);
  const parentHash = blockHash(sha256, encodeHeader(genesisHeader(context)));
  const parts = { parentHash, execution, view: view(3), proposer: validatorIndex(3) };
  const header = assembleHeader(context, parts);
  expect(header).toEqual({
    version: 1,
    networkId: context.networkId,
    epoch: 1,
    height: 1,
    view: 3,
    parentHash,
    ...execution.roots,
    time: CREATED_AT + 1,
    proposer: 3,
  });
  expect(toHex(blockHash(sha256, encodeHeader(header)))).toBe(
    "93bdc595cab60121dc58d83909395bae3eac240e459d5ebaaaedf7dabe38d079",
  );
});
