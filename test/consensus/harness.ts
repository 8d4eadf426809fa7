/** One core by itself: the test plays its peers, its application and its clock. Keys and signatures are simulated. */
import type { Tip } from "../../src/consensus/ancestry.ts";
import type { BlockCertificate } from "../../src/consensus/certificates.ts";
import { type Core, createCore } from "../../src/consensus/core.ts";
import type { ConsensusConfig, Input, Output, Request } from "../../src/consensus/interface.ts";
import {
  decodeJournalEntry,
  encodeJournalEntry,
  type JournalEntry,
} from "../../src/consensus/journal.ts";
import { journalFault } from "../../src/consensus/journal-fault.ts";
import type { BlockVote, Message, NullifyVote, Proposal } from "../../src/consensus/message.ts";
import { sha256 } from "../../src/node/base/crypto.ts";
import {
  assembleBlock,
  type Block,
  encodeHeader,
  type Header,
} from "../../src/primitives/block.ts";
import { type Bytes, utf8 } from "../../src/primitives/bytes.ts";
import { EncodingError } from "../../src/primitives/encoding.ts";
import { zeroDigest } from "../../src/primitives/hash.ts";
import { leafHash, merkleRoot } from "../../src/primitives/merkle-tree.ts";
import { epoch, height, type View, validatorIndex, view } from "../../src/primitives/numbers.ts";
import {
  type Certificate,
  encodeVoteSubject,
  type Vote,
  type VoteSubject,
} from "../../src/primitives/vote.ts";
import {
  simulatedKey,
  simulatedSign,
  simulatedValidators,
} from "../support/world/simulated-keys.ts";

export const NETWORK = sha256(utf8("consensus tests"));
export const EPOCH = epoch(1);
/** Both clocks of every test begin here. */
export const START = 1_000_000;
/** The shortest timeout; a quarter is 200, an eighth 100. */
export const T = 800;
/** R8: a leader may hold operations back for so long. */
export const HELD_BACK_MS = Math.floor(T / 12);
export const CAP = 6_400;
export const D = 5_000;

const GENESIS_HEADER: Header = {
  version: 1,
  networkId: NETWORK,
  epoch: EPOCH,
  height: height(0),
  view: view(0),
  parentHash: zeroDigest,
  operationCount: 0,
  operationsRoot: zeroDigest,
  resultsRoot: zeroDigest,
  walletCount: 0,
  stateRoot: zeroDigest,
  supply: [],
  time: START,
  proposer: validatorIndex(0),
};
export const GENESIS: Tip = { header: GENESIS_HEADER, hash: sha256(encodeHeader(GENESIS_HEADER)) };

export function configOf(nodes: number, self: number): ConsensusConfig {
  return {
    networkId: NETWORK,
    epoch: EPOCH,
    validators: simulatedValidators(nodes),
    self: validatorIndex(self),
    timeoutBaseMs: T,
    timeoutCapMs: CAP,
    clockToleranceMs: D,
    hash: sha256,
    sign: (message) => simulatedSign(simulatedKey(self), message),
  };
}

/** A block of view `at` on `parent`; `text` are its operations. */
export function blockOn(
  parent: Tip,
  at: number,
  options: { nodes?: number; operations?: readonly string[]; header?: Partial<Header> } = {},
): Block {
  const operations = (options.operations ?? []).map(utf8);
  const header: Header = {
    ...parent.header,
    height: height(parent.header.height + 1),
    view: view(at),
    parentHash: parent.hash,
    operationCount: operations.length,
    operationsRoot: merkleRoot(
      sha256,
      operations.map((operation) => leafHash(sha256, operation)),
    ),
    proposer: validatorIndex(at % (options.nodes ?? 4)),
    ...options.header,
  };
  return assembleBlock(sha256, header, operations);
}

export function notarizeOf(signer: number, block: Block): BlockVote {
  return signed(signer, { kind: "notarize", ...subjectOf(block) } as const);
}

export function finalizeOf(signer: number, block: Block): BlockVote {
  return signed(signer, { kind: "finalize", ...subjectOf(block) } as const);
}

export function nullifyOf(signer: number, at: number): NullifyVote {
  return signed(signer, { kind: "nullify", epoch: EPOCH, view: view(at) } as const);
}

export function proposalOf(block: Block): Proposal {
  const { header, headerBytes, hash } = block;
  const leafHashes = block.operations.map((operation) => leafHash(sha256, operation));
  return { header, headerBytes, hash, leafHashes, vote: notarizeOf(header.proposer, block) };
}

export function notarization(
  block: Block,
  signers: readonly number[] = [0, 1, 2],
): BlockCertificate {
  return blockCertificate("notarize", block, signers);
}

export function finalization(
  block: Block,
  signers: readonly number[] = [0, 1, 2],
): BlockCertificate {
  return blockCertificate("finalize", block, signers);
}

export function nullification(at: number, signers: readonly number[] = [0, 1, 2]): Certificate {
  const subject: VoteSubject = { kind: "nullify", epoch: EPOCH, view: view(at) };
  return { subject, signatures: signers.map((signer) => pair(signed(signer, subject))) };
}

function blockCertificate(
  kind: BlockVote["kind"],
  block: Block,
  signers: readonly number[],
): BlockCertificate {
  const subject = { kind, ...subjectOf(block) } as const;
  return { subject, signatures: signers.map((signer) => pair(signed(signer, subject))) };
}

function subjectOf({ hash: blockHash, header }: Block) {
  return { epoch: EPOCH, view: header.view, height: header.height, blockHash };
}

function pair({ signer, signature }: Vote) {
  return { signer, signature };
}

function signed<Subject extends VoteSubject>(signer: number, subject: Subject) {
  const signature = simulatedSign(simulatedKey(signer), encodeVoteSubject(NETWORK, subject));
  return { ...subject, signer: validatorIndex(signer), signature };
}

/** A core with a clock and a journal. The journal keeps bytes, as a disk would. */
export class Bench {
  readonly config: ConsensusConfig;
  readonly journal: Bytes[] = [];
  core: Core;
  /** The reading of the monotonic clock. */
  now = START;
  /** The lead of the wall clock over the monotonic one; set by a test. */
  wallAheadMs = 0;
  /** The output of the last step. */
  output: Output;

  constructor(options: { nodes?: number; self?: number; final?: Tip } = {}) {
    this.config = configOf(options.nodes ?? 4, options.self ?? 0);
    const { final = GENESIS } = options;
    const start = { final, finalization: undefined, firstView: view(1), entries: [] };
    this.core = createCore(this.config, start);
    this.output = this.step({ kind: "started" });
  }

  get view(): number {
    return this.core.status().view;
  }

  step(input: Input): Output {
    this.output = this.core.step(input, { monotonic: this.now, wall: this.now + this.wallAheadMs });
    for (const entry of this.output.journal) this.journal.push(encodeJournalEntry(entry));
    return this.output;
  }

  hear(from: number, message: Message): Output {
    return this.step({ kind: "message", from: validatorIndex(from), message });
  }

  hearVote(vote: BlockVote): Output {
    return this.hear(vote.signer, { kind: "vote", vote });
  }

  hearNullify(signer: number, at: number, finalHeight = 0): Output {
    const vote = nullifyOf(signer, at);
    return this.hear(signer, { kind: "nullify", vote, finalHeight: height(finalHeight) });
  }

  hearProposal(block: Block, from: number = block.header.proposer): Output {
    return this.hear(from, { kind: "proposal", proposal: proposalOf(block) });
  }

  hearCertificates(...certificates: Certificate[]): Output {
    return this.hear(1, { kind: "certificates", certificates });
  }

  /** Reports that the pool holds something that the branch lacks. */
  work(pending = true, overdue = false, worthABlock = false): Output {
    return this.step({ kind: "work", pending, overdue, worthABlock });
  }

  /** Reports that the application finds the proposed block valid. */
  approve(block: Block): Output {
    const verdict = { kind: "valid", block } as const;
    return this.step({ kind: "verified", blockHash: block.hash, verdict });
  }

  built(block: Block): Output {
    const { view: at, parentHash } = block.header;
    return this.step({ kind: "built", view: at, parentHash, block });
  }

  /** Lets time pass and ticks the core at each of its deadlines. Gives all outputs of that time. */
  pass(durationMs: number): Output[] {
    const outputs: Output[] = [];
    const until = this.now + durationMs;
    for (;;) {
      const { deadline } = this.output;
      if (deadline === undefined || deadline > until) break;
      this.now = Math.max(this.now, deadline);
      outputs.push(this.step({ kind: "tick" }));
    }
    this.now = until;
    return outputs;
  }

  /** The journal as a restarted node reads it. */
  entries(): JournalEntry[] {
    return this.journal.map(readEntry);
  }

  /** Loses the memory and keeps the journal. */
  restart(from: Restart = {}): Output {
    this.journal.length -= from.lost ?? 0;
    const entries = this.entries();
    const { final = GENESIS, finalization, firstView = view(1) } = from;
    const recovered = { final, finalization, firstView, entries };
    const fault = journalFault(this.config, recovered);
    if (fault !== undefined) throw new Error(`journal record ${fault.index}: ${fault.problem}`);
    this.core = createCore(this.config, recovered);
    return this.step({ kind: "started" });
  }
}

export interface Restart {
  readonly final?: Tip;
  readonly finalization?: BlockCertificate;
  readonly firstView?: View;
  /** The number of records lost at the end of the journal. */
  readonly lost?: number;
}

function readEntry(bytes: Bytes): JournalEntry {
  const entry = decodeJournalEntry(sha256, bytes);
  if (entry instanceof EncodingError) throw entry;
  return entry;
}

/** Kind and view of each vote sent in outputs, such as "notarize 3". A proposal counts as its leader's notarize vote. */
export function said(...outputs: readonly Output[]): string[] {
  return outputs.flatMap((output) =>
    output.messages.flatMap(({ message }) => {
      const vote = message.kind === "proposal" ? message.proposal.vote : undefined;
      if (message.kind === "vote" || message.kind === "nullify") return [nameOf(message.vote)];
      return vote === undefined ? [] : [`propose ${vote.view}`];
    }),
  );
}

function nameOf({ kind, view: at }: Vote): string {
  return `${kind} ${at}`;
}

/** Messages of one kind in outputs. */
export function sent<Kind extends Message["kind"]>(
  kind: Kind,
  ...outputs: readonly Output[]
): { readonly to: number | "all"; readonly message: Extract<Message, { kind: Kind }> }[] {
  return outputs.flatMap((output) =>
    output.messages.flatMap(({ to, message }) => (isKind(kind, message) ? [{ to, message }] : [])),
  );
}

/** Requests of one kind in outputs. */
export function requested<Kind extends Request["kind"]>(
  kind: Kind,
  ...outputs: readonly Output[]
): Extract<Request, { kind: Kind }>[] {
  return outputs.flatMap((output) =>
    output.requests.flatMap((request) => (isKind(kind, request) ? [request] : [])),
  );
}

function isKind<Item extends { readonly kind: string }, Kind extends Item["kind"]>(
  kind: Kind,
  item: Item,
): item is Extract<Item, { kind: Kind }> {
  return item.kind === kind;
}

/** The certificates in sent messages, such as "nullify 3". */
export function certificatesIn(
  messages: readonly { readonly message: { readonly certificates: readonly Certificate[] } }[],
): string[] {
  return messages.flatMap(({ message }) =>
    message.certificates.map(({ subject }) => `${subject.kind} ${subject.view}`),
  );
}
