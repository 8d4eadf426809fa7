/** A toy ledger: it orders ids, each at most once and within its window, and chains a state root. */
import type { Finalized } from "../../src/consensus/interface.ts";
import { sha256 } from "../../src/node/base/crypto.ts";
import { encodeHeader, type Header } from "../../src/primitives/block.ts";
import { type Bytes, toHex } from "../../src/primitives/bytes.ts";
import { zeroDigest } from "../../src/primitives/hash.ts";
import { merkleRoot } from "../../src/primitives/merkle-tree.ts";
import { epoch, height, validatorIndex, view } from "../../src/primitives/numbers.ts";
import type { Random } from "../support/world/random.ts";
import type { SimulatedLedger } from "./application.ts";
import { ToyApplication } from "./toy-application.ts";
import {
  isOpen,
  OPERATION_LENGTH,
  readToyOperation,
  TOY_NETWORK,
  toyRoots,
} from "./toy-operation.ts";

/** The start of a world, milliseconds since the epoch. */
export const TOY_START = 1_800_000_000_000;

export function createToyLedger(start: number): SimulatedLedger {
  const header: Header = {
    version: 1,
    networkId: TOY_NETWORK,
    epoch: epoch(1),
    height: height(0),
    view: view(0),
    parentHash: zeroDigest,
    operationCount: 0,
    operationsRoot: merkleRoot(sha256, []),
    resultsRoot: zeroDigest,
    walletCount: 0,
    stateRoot: zeroDigest,
    supply: [],
    time: start,
    proposer: validatorIndex(0),
  };
  const genesis = { header, hash: sha256(encodeHeader(header)) };
  return {
    genesis,
    createApplication: (_node, committed) => new ToyApplication(genesis, committed),
    makeOperation,
    rebase: (header, parent, leafHashes) => ({
      ...header,
      ...toyRoots(parent.header, leafHashes),
      height: height(parent.header.height + 1),
      parentHash: parent.hash,
      time: Math.max(header.time, parent.header.time),
    }),
    idOf: (operation) => toHex(operation.subarray(0, 8)),
    isOpenAt: (operation, time) => isOpen(readToyOperation(operation)?.validUntil ?? 0, time),
    replay: (chain) => replay(header, chain),
  };
}

/** Mostly long windows. One in five is so short that it may end before the operation is ordered. */
function makeOperation(random: Random, now: number): Bytes {
  const bytes = new Uint8Array(OPERATION_LENGTH);
  for (let i = 0; i < 8; i++) bytes[i] = random.below(256);
  const lifetime = random.chance(0.2) ? random.between(100, 3_000) : 3_600_000;
  new DataView(bytes.buffer).setFloat64(8, now + lifetime);
  return bytes;
}

function replay(genesis: Header, chain: readonly Finalized[]): void {
  const used = new Set<string>();
  let parent = genesis;
  for (const { block } of chain) {
    const operations = block.operations.map(readToyOperation);
    for (const operation of operations) {
      if (operation === undefined) throw new Error("a final block holds no operation");
      if (used.has(operation.id)) throw new Error(`id ${operation.id} is twice in the chain`);
      if (!isOpen(operation.validUntil, block.header.time)) throw new Error("ordered too late");
      used.add(operation.id);
    }
    const leaves = operations.map((operation) => operation?.leafHash ?? zeroDigest);
    if (toHex(toyRoots(parent, leaves).stateRoot) !== toHex(block.header.stateRoot)) {
      throw new Error("a final block has a wrong state root");
    }
    if (block.header.time < parent.time) throw new Error("block time went back");
    parent = block.header;
  }
}
