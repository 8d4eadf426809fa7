/**
 * Finds the record of a journal from which no core can resume (R24). A record whose checksum is right may still hold
 * other bytes than this node wrote. Form and order are checked here; signatures are not, because a journal may hold
 * thousands of certificates: `countersign check` verifies them.
 */
import type { Block } from "../primitives/block.ts";
import { equalBytes, toHex } from "../primitives/bytes.ts";
import { leafHash, merkleRoot } from "../primitives/merkle-tree.ts";
import { type View, view } from "../primitives/numbers.ts";
import { type Certificate, certificateChecks, type Vote } from "../primitives/vote.ts";
import type { Tip } from "./ancestry.ts";
import { Certificates } from "./certificates.ts";
import type { ConsensusConfig } from "./interface.ts";
import type { JournalEntry } from "./journal.ts";
import type { RecoveredFrom } from "./recovery.ts";
import { OwnVotes } from "./votes.ts";

export interface JournalFault {
  /** Index of the record; undefined if a record is missing. */
  readonly index: number | undefined;
  /** A clause, such as "it is a vote of another node". */
  readonly problem: string;
}

/** The first record that does not fit those before it, or a part that is missing; undefined if a core can resume. */
export function journalFault(
  config: ConsensusConfig,
  from: RecoveredFrom,
): JournalFault | undefined {
  const reader = new JournalReader(config, from);
  for (const [index, entry] of from.entries.entries()) {
    const problem = reader.read(entry);
    if (problem !== undefined) return { index, problem };
  }
  const problem = reader.lack();
  return problem === undefined ? undefined : { index: undefined, problem };
}

/** Reads a journal as src/consensus/recovery.ts replays it. */
class JournalReader {
  readonly #config: ConsensusConfig;
  /** The final block's view in this epoch. */
  readonly #finalView: View;
  readonly #certificates = new Certificates();
  readonly #votes = new OwnVotes();
  readonly #blocks = new Set<string>();
  /** The highest view that a record let this node enter. */
  #highest: View;

  constructor(config: ConsensusConfig, { final, finalization, firstView }: RecoveredFrom) {
    this.#config = config;
    this.#finalView = viewIn(config, final);
    this.#votes.close(view(Math.max(this.#finalView, firstView - 1)));
    if (finalization?.subject.epoch === config.epoch) this.#certificates.add(finalization);
    this.#highest = view(Math.max(1, this.#settledView() + 1));
  }

  /** The problem with the next record; undefined if there is none. */
  read(entry: JournalEntry): string | undefined {
    switch (entry.kind) {
      case "block":
        return this.#readBlock(entry.block);
      case "certificate":
        return this.#readCertificate(entry.certificate);
      case "vote":
        return this.#readVote(entry.vote);
    }
  }

  /** A clause on a part that the journal lacks although its records need it (R23); undefined if there is none. */
  lack(): string | undefined {
    const at = this.#highest;
    if (at > 1 && this.#certificates.leaving(view(at - 1)) === undefined) {
      return `it does not hold the certificate by which this node entered view ${at}`;
    }
    const { notarize } = this.#votes.in(at);
    if (notarize === undefined || this.#blocks.has(toHex(notarize.blockHash))) return undefined;
    return `it does not hold the block for which this node voted in view ${at}`;
  }

  #readBlock({ header, hash, operations }: Block): string | undefined {
    const { networkId, epoch, hash: hashOf } = this.#config;
    if (!equalBytes(header.networkId, networkId)) return "it is a block of another network";
    if (header.epoch !== epoch) return `it is a block of epoch ${header.epoch}`;
    const leaves = operations.map((operation) => leafHash(hashOf, operation));
    const isWhole =
      header.operationCount === operations.length &&
      equalBytes(header.operationsRoot, merkleRoot(hashOf, leaves));
    if (!isWhole) return "it is a block with other operations than its header names";
    this.#blocks.add(toHex(hash));
    return undefined;
  }

  #readCertificate(certificate: Certificate): string | undefined {
    const { networkId, epoch, validators } = this.#config;
    const { subject } = certificate;
    if (subject.epoch !== epoch) return `it is a certificate of epoch ${subject.epoch}`;
    if (certificateChecks(networkId, validators, certificate) === undefined) {
      return "it is a certificate without the signatures of a quorum";
    }
    if (subject.view > this.#settledView()) this.#certificates.add(certificate);
    this.#enter(view(subject.view + 1));
    return undefined;
  }

  #readVote(vote: Vote): string | undefined {
    const { epoch, self } = this.#config;
    if (vote.signer !== self) return "it is a vote of another node";
    if (vote.epoch !== epoch) return `it is a vote of epoch ${vote.epoch}`;
    this.#enter(vote.view);
    if (vote.view <= this.#finalView) return undefined;
    if (this.#votes.isClosed(vote.view)) {
      return `it is a vote in view ${vote.view}, in which this node may not vote since it rejoined`;
    }
    if (!this.#votes.allows(vote.kind, vote.view)) {
      return `it is a vote that contradicts or repeats another one of this node in view ${vote.view}`;
    }
    this.#votes.add(vote);
    return undefined;
  }

  #enter(at: View): void {
    if (at > this.#highest) this.#highest = at;
  }

  #settledView(): View {
    return view(Math.max(this.#finalView, this.#certificates.finalizedView));
  }
}

function viewIn({ epoch }: ConsensusConfig, { header }: Tip): View {
  return header.epoch === epoch ? header.view : view(0);
}
