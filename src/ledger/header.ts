/** Headers from executions: the genesis header, and the only one that fits an executed block. */
import { type Block, encodeHeader, HEADER_VERSION, type Header } from "../primitives/block.ts";
import { equalBytes } from "../primitives/bytes.ts";
import { type Digest, zeroDigest } from "../primitives/hash.ts";
import { merkleRoot } from "../primitives/merkle-tree.ts";
import { type ValidatorIndex, type View, validatorIndex, view } from "../primitives/numbers.ts";
import type { LedgerContext } from "./context.ts";
import type { Execution } from "./execute.ts";
import { genesisState, stateRoot } from "./state.ts";

/** Height 0, view 0: final from the start, never voted on. */
export function genesisHeader(context: LedgerContext): Header {
  const state = genesisState(context);
  const nothing = merkleRoot(context.hash, []);
  return {
    version: HEADER_VERSION,
    networkId: context.networkId,
    epoch: state.epoch,
    height: state.height,
    view: view(0),
    parentHash: zeroDigest,
    operationCount: 0,
    operationsRoot: nothing,
    resultsRoot: nothing,
    walletCount: 0,
    stateRoot: stateRoot(context, state),
    supply: state.supply,
    time: state.time,
    proposer: validatorIndex(0),
  };
}

/** The only header that fits (L18). A proposal is right if its header has the same canonical bytes. */
export function assembleHeader(
  context: LedgerContext,
  parts: {
    readonly parentHash: Digest;
    readonly execution: Execution;
    readonly view: View;
    readonly proposer: ValidatorIndex;
  },
): Header {
  const { state, roots } = parts.execution;
  return {
    version: HEADER_VERSION,
    networkId: context.networkId,
    epoch: state.epoch,
    height: state.height,
    view: parts.view,
    parentHash: parts.parentHash,
    ...roots,
    time: state.time,
    proposer: parts.proposer,
  };
}

/** True if the header of `block` is exactly the one that fits the execution (L18, L20). */
export function fitsExecution(
  context: LedgerContext,
  { header, headerBytes }: Pick<Block, "header" | "headerBytes">,
  execution: Execution,
): boolean {
  const { parentHash, view: of, proposer } = header;
  const own = assembleHeader(context, { parentHash, execution, view: of, proposer });
  return equalBytes(encodeHeader(own), headerBytes);
}
