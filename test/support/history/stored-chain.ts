// Reads the chain in a node's store after the node has ended. Every block is executed again from the genesis on, with
// every signature, and compared with its header and stored results; the tip is compared with its finalization and
// with the stored wallets.

import { join } from "node:path";
import { createLedgerContext, type LedgerContext } from "../../../src/ledger/context.ts";
import { decodeOperations, type Execution, execute } from "../../../src/ledger/execute.ts";
import type { Genesis } from "../../../src/ledger/genesis.ts";
import { assembleHeader, genesisHeader } from "../../../src/ledger/header.ts";
import { signatureChecks } from "../../../src/ledger/signature-checks.ts";
import { assertConservation, genesisState, type State } from "../../../src/ledger/state.ts";
import { isValidPoint, sha256, verify } from "../../../src/node/base/crypto.ts";
import { decodeResults } from "../../../src/node/execution/commit.ts";
import { restore } from "../../../src/node/execution/restore.ts";
import {
  assembleBlock,
  blockHash,
  decodeHeader,
  encodeHeader,
} from "../../../src/primitives/block.ts";
import { equalBytes, toHex } from "../../../src/primitives/bytes.ts";
import { EncodingError } from "../../../src/primitives/encoding.ts";
import { height } from "../../../src/primitives/numbers.ts";
import type { SignedOperation } from "../../../src/primitives/operation.ts";
import type { Operation } from "../../../src/primitives/operation-kinds.ts";
import { createdWalletId } from "../../../src/primitives/operations/wallet-creation.ts";
import { certificateChecks } from "../../../src/primitives/vote.ts";
import { createCeremonyJudge } from "../../../src/seal/judge.ts";
import { createSuite } from "../../../src/seal/suite.ts";
import type { Store, StoredBlock } from "../../../src/storage/contracts.ts";
import { openStore } from "../../../src/storage/store-factory.ts";
import type { ChainBlock, ChainOperation, NodeChain } from "./chain.ts";
import { nameOf } from "./operation-name.ts";

export interface ReadNode {
  readonly chain: NodeChain;
  readonly problems: string[];
}

/** `folder` is the node's data folder. */
export async function readNode(
  folder: string,
  own: { readonly genesis: Genesis; readonly node: string },
): Promise<ReadNode> {
  const { genesis, node } = own;
  const judge = createCeremonyJudge(createSuite({ isValidPoint, hash: sha256 }));
  const context = createLedgerContext({ genesis, hash: sha256, isValidPoint, judge });
  const identity = { networkId: context.networkId };
  const store = await openStore({ engine: "level", location: join(folder, "store"), identity });
  try {
    return await readChain(context, store, node);
  } finally {
    await store.close();
  }
}

export async function readChain(
  context: LedgerContext,
  store: Pick<Store, "blocks" | "operations" | "state">,
  node: string,
): Promise<ReadNode> {
  const problems: string[] = [];
  const blocks: ChainBlock[] = [];
  let state = genesisState(context);
  let parent = assembleBlock(context.hash, genesisHeader(context), []).hash;
  for await (const stored of store.blocks.ascending(height(1))) {
    const done = executeStored(context, { state, stored });
    if (typeof done === "string") {
      problems.push(`${node}: block ${stored.height} ${done}`);
      break;
    }
    const results = await store.operations.loadResults(stored.height);
    const kept = results === undefined ? undefined : decodeResults(results);
    if (kept === undefined || JSON.stringify(kept) !== JSON.stringify(done.execution.results)) {
      problems.push(`${node}: block ${stored.height} is stored with other results`);
    }
    const hash = blockHash(context.hash, stored.header);
    blocks.push(viewOf(context, { ...done, hash: toHex(hash), parentHash: toHex(parent) }));
    parent = hash;
    state = done.execution.state;
  }
  assertConservation(state);
  problems.push(...(await checkTip(context, store, node)));
  return { chain: { node, blocks }, problems };
}

interface Done {
  readonly operations: readonly SignedOperation[];
  readonly execution: Execution;
}

/** Executes a block again; gives the reason if the result differs from its header. */
function executeStored(
  context: LedgerContext,
  { state, stored }: { readonly state: State; readonly stored: StoredBlock },
): Done | string {
  const header = decodeHeader(stored.header);
  if (header instanceof EncodingError) return "has a header that cannot be decoded";
  const operations = decodeOperations(context, stored.operations);
  if ("kind" in operations) return `holds what is no operation (${operations.reason})`;
  const execution = execute(context, {
    state,
    time: header.time,
    operations,
    signaturesValid: (signed) =>
      signatureChecks(context, signed, state.ceremony.epoch)?.every(verify) ?? false,
  });
  if (execution.kind === "invalid") return `is invalid (${execution.reason})`;
  const { parentHash, view, proposer } = header;
  const own = assembleHeader(context, { parentHash, execution, view, proposer });
  if (!equalBytes(encodeHeader(own), stored.header))
    return "has a header that its body does not give";
  return { operations, execution };
}

/** A quorum's votes make the tip final, and the stored wallets give its state root. */
async function checkTip(
  context: LedgerContext,
  store: Pick<Store, "blocks" | "state">,
  node: string,
): Promise<string[]> {
  const { hash, header, finalization } = await restore(context, store);
  if (finalization === undefined) return [`${node}: there is no final block`];
  const { validators } = context.genesis;
  const checks = certificateChecks(context.networkId, validators, finalization);
  const { subject } = finalization;
  const stands = subject.kind === "finalize" && equalBytes(subject.blockHash, hash);
  return stands && checks?.every(verify) === true
    ? []
    : [`${node}: no finalization of a quorum stands for block ${header.height}`];
}

function viewOf(
  context: LedgerContext,
  block: Done & { readonly hash: string; readonly parentHash: string },
): ChainBlock {
  const { operations, execution, hash, parentHash } = block;
  const view = operations.map((signed, index): ChainOperation => {
    const result = execution.results[index];
    const status = result?.status === "declined" ? result.reason : "applied";
    const { operation } = signed;
    return { key: nameOf(context, operation), status, effect: effectOf(context, operation) };
  });
  const { state, roots } = execution;
  return { height: state.height, hash, parentHash, supply: roots.supply, operations: view };
}

function effectOf(context: LedgerContext, operation: Operation): ChainOperation["effect"] {
  if (operation.kind === "transfer") {
    const { from, to, amount } = operation;
    return { kind: "transfer", from, to, amount };
  }
  if (operation.kind !== "walletCreation") return { kind: "other" };
  const asset = context.assetIndex(operation.asset) ?? -1;
  const amount = operation.initialBalance ?? 0n;
  return { kind: "creation", wallet: createdWalletId(context, operation), asset, amount };
}
