/**
 * Proposals relayed to the next leader (R32): a faulty leader that hides its proposal from its successor would keep the
 * successor from proposing in time, and so make an honest leader look as if it failed (R5).
 */
import { equalBytes } from "../primitives/bytes.ts";
import { merkleRoot } from "../primitives/merkle-tree.ts";
import type { ValidatorIndex } from "../primitives/numbers.ts";
import type { Certificate } from "../primitives/vote.ts";
import { isBlockCertificate } from "./certificates.ts";
import type { Proposal } from "./message.ts";
import { branchTo, isOwnTurn, leaderAt, type State } from "./state.ts";
import type { PendingProposal } from "./view.ts";

/**
 * R32: sends the leader of the view just entered the proposal certified by `entry`, one of `held`, if that leader did
 * not vote for it. Only a leader with failed turns gets it, so that an ordinary view costs no message more.
 */
export function relayProposal(
  state: State,
  entry: Certificate,
  held: readonly (PendingProposal | undefined)[],
): void {
  if (!isBlockCertificate(entry) || isOwnTurn(state)) return;
  const leader = leaderAt(state, state.view.number);
  if (!state.failingLeaders.hasFailedTurns(leader)) return;
  if (entry.signatures.some(({ signer }) => signer === leader)) return;
  const { blockHash } = entry.subject;
  const certified = held.find((pending) => {
    return pending !== undefined && equalBytes(pending.proposal.hash, blockHash);
  });
  if (certified === undefined) return;
  state.draft.send(leader, { kind: "proposal", proposal: certified.proposal });
}

/** True if `proposal` is of the block that certifies this node's own turn, and the block is still missing here. */
export function isRelayNeeded(state: State, proposal: Proposal): boolean {
  const { entry, isRelayTaken } = state.view;
  if (entry === undefined || !isBlockCertificate(entry) || isRelayTaken) return false;
  return (
    isOwnTurn(state) &&
    equalBytes(entry.subject.blockHash, proposal.hash) &&
    state.ancestry.tip(proposal.hash) === undefined
  );
}

/**
 * R32: has a relayed proposal executed. No vote follows from it: the block is certified already. A peer is looked at once
 * in a view, because the leaf hashes, which only the header vouches for, cost a tree of hashes.
 */
export function takeRelayed(state: State, from: ValidatorIndex, proposal: Proposal): void {
  const { view, ancestry } = state;
  if (!isRelayNeeded(state, proposal) || view.relayedBy.has(from)) return;
  view.relayedBy.add(from);
  const { parentHash } = proposal.header;
  const parent = ancestry.isConnected(parentHash) ? ancestry.tip(parentHash) : undefined;
  if (parent === undefined || !holdsItsLeaves(state, proposal)) return;
  view.isRelayTaken = true;
  const ancestors = branchTo(state, parentHash);
  state.draft.request({ kind: "verify", proposal, parent, ancestors });
}

function holdsItsLeaves(state: State, { header, leafHashes }: Proposal): boolean {
  if (header.operationCount !== leafHashes.length) return false;
  return equalBytes(merkleRoot(state.config.hash, leafHashes), header.operationsRoot);
}
