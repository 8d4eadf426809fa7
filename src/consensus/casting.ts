/** The votes this node says: once each, recorded before they leave (R12, R13, R15, R23). */
import { assert } from "../primitives/assert.ts";
import type { Block } from "../primitives/block.ts";
import { leafHash } from "../primitives/merkle-tree.ts";
import { encodeVoteSubject, type Vote, type VoteSubject } from "../primitives/vote.ts";
import type { BlockCertificate } from "./certificates.ts";
import { countVote } from "./entering.ts";
import type { BlockVote, NullifyVote, Proposal } from "./message.ts";
import type { State } from "./state.ts";

/** R12: notarize a block that was judged valid. Its body is recorded with the vote. */
export function castNotarize(state: State, block: Block): void {
  const vote = castBlockVote(state, "notarize", block);
  state.draft.send("all", { kind: "vote", vote });
  countVote(state, vote);
}

/** R9: a proposal is its leader's notarize vote. */
export function castProposal(state: State, block: Block): void {
  const vote = castBlockVote(state, "notarize", block);
  const proposal = proposalOf(state, block, vote);
  state.view.proposal = { proposal, arrivedAt: state.wall, stage: "valid" };
  state.draft.send("all", { kind: "proposal", proposal });
  countVote(state, vote);
}

/** R13: give up the current view. */
export function castNullify(state: State): void {
  const { epoch } = state.config;
  const subject = { kind: "nullify", epoch, view: state.view.number } as const;
  if (!state.ownVotes.may("nullify", subject.view)) return;
  const vote: NullifyVote = { ...subject, ...sign(state, subject) };
  keep(state, vote);
  const finalHeight = state.ancestry.final.header.height;
  state.draft.send("all", { kind: "nullify", vote, finalHeight });
  state.draft.request({ kind: "sendOldestOperations" });
  countVote(state, vote);
}

/** R15: finalize a notarized block, which is held with all its ancestors. */
export function castFinalize(state: State, notarization: BlockCertificate): void {
  const { blockHash } = notarization.subject;
  assert(state.ancestry.isConnected(blockHash), "finalize is said of blocks that are held");
  const subject = { ...notarization.subject, kind: "finalize" } as const;
  const vote: BlockVote = { ...subject, ...sign(state, subject) };
  keep(state, vote);
  state.draft.send("all", { kind: "vote", vote });
  countVote(state, vote);
}

/** The proposal that says `vote` again, for the leader whose vote it was. */
export function proposalOf(state: State, block: Block, vote: BlockVote): Proposal {
  const { hash } = state.config;
  const leafHashes = block.operations.map((operation) => leafHash(hash, operation));
  return {
    header: block.header,
    headerBytes: block.headerBytes,
    hash: block.hash,
    leafHashes,
    vote,
  };
}

/** Keeps a block in the tree; whatever is there is also in the journal (R23). */
export function keepBlock(state: State, block: Block): void {
  if (!state.ancestry.add(block)) return;
  state.draft.record({ kind: "block", block });
  state.unsettled = true;
}

function castBlockVote(state: State, kind: BlockVote["kind"], block: Block): BlockVote {
  keepBlock(state, block);
  const { epoch, view, height } = block.header;
  const subject = { kind, epoch, view, height, blockHash: block.hash };
  const vote: BlockVote = { ...subject, ...sign(state, subject) };
  keep(state, vote);
  return vote;
}

function keep(state: State, vote: Vote): void {
  state.ownVotes.add(vote);
  state.draft.record({ kind: "vote", vote });
  state.draft.requireSync();
  state.leaders.hear(vote.signer);
}

function sign(state: State, subject: VoteSubject): Pick<Vote, "signer" | "signature"> {
  const { networkId, self, sign: signBytes } = state.config;
  return { signer: self, signature: signBytes(encodeVoteSubject(networkId, subject)) };
}
