/** Messages of consensus between nodes: their canonical bytes, and the signatures that must hold before the core hears them. */
import { unreachable } from "../primitives/assert.ts";
import { blockHash, decodeHeader, type Header } from "../primitives/block.ts";
import { type Bytes, equalBytes } from "../primitives/bytes.ts";
import { type Decoder, decodeStrict, Encoder, EncodingError } from "../primitives/encoding.ts";
import { DIGEST_LENGTH, type Digest, type Hash } from "../primitives/hash.ts";
import { LIMITS } from "../primitives/limits.ts";
import { type Epoch, epoch, type Height, height, type View, view } from "../primitives/numbers.ts";
import type { SignatureCheck } from "../primitives/signature.ts";
import { TAGS } from "../primitives/tags.ts";
import {
  type Certificate,
  certificateChecks,
  readCertificate,
  readVote,
  type Vote,
  voteCheck,
  writeCertificate,
  writeVote,
} from "../primitives/vote.ts";
import type { ConsensusConfig } from "./interface.ts";

export type NullifyVote = Extract<Vote, { kind: "nullify" }>;
export type BlockVote = Exclude<Vote, NullifyVote>;

/** A header, its operations by leaf hash in order, and the leader's notarize vote for it (R9). */
export interface Proposal {
  readonly header: Header;
  readonly headerBytes: Bytes;
  /** Hash of the header bytes. */
  readonly hash: Digest;
  readonly leafHashes: readonly Digest[];
  readonly vote: BlockVote;
}

/** A node's position, with the certificates that prove it: that of its entry into the view, and its highest finalization. */
export interface StatusMessage {
  readonly kind: "status";
  readonly epoch: Epoch;
  readonly view: View;
  readonly finalHeight: Height;
  readonly certificates: readonly Certificate[];
}

/** Asks for the certificates held of the views `from` to `to`, newest first, and the notarization of a block. */
export interface QuestionMessage {
  readonly kind: "question";
  readonly epoch: Epoch;
  readonly from: View;
  readonly to: View;
  readonly block: Digest | undefined;
}

export type Message =
  | { readonly kind: "proposal"; readonly proposal: Proposal }
  | { readonly kind: "vote"; readonly vote: BlockVote }
  | { readonly kind: "nullify"; readonly vote: NullifyVote; readonly finalHeight: Height }
  | { readonly kind: "certificates"; readonly certificates: readonly Certificate[] }
  | StatusMessage
  | QuestionMessage;

const KINDS = ["proposal", "vote", "nullify", "certificates", "status", "question"] as const;

export function encodeMessage(message: Message): Bytes {
  const encoder = new Encoder().tag(TAGS.consensusMessage).u8(KINDS.indexOf(message.kind));
  switch (message.kind) {
    case "proposal":
      encoder.bytes(message.proposal.headerBytes);
      encoder.list(message.proposal.leafHashes, writeDigest);
      writeVote(encoder, message.proposal.vote);
      break;
    case "vote":
      writeVote(encoder, message.vote);
      break;
    case "nullify":
      writeVote(encoder, message.vote);
      encoder.u64(message.finalHeight);
      break;
    case "certificates":
      encoder.list(message.certificates, writeCertificateItem);
      break;
    case "status":
      encoder.u64(message.epoch).u64(message.view).u64(message.finalHeight);
      encoder.list(message.certificates, writeCertificateItem);
      break;
    case "question":
      encoder.u64(message.epoch).u64(message.from).u64(message.to);
      encoder.optional(message.block, (digest) => encoder.fixed(digest, DIGEST_LENGTH));
      break;
    default:
      unreachable(message);
  }
  return encoder.finish();
}

/** Reads exactly one message. Signatures and the fit of its parts are for `messageChecks`. */
export function decodeMessage(hash: Hash, bytes: Bytes): Message | EncodingError {
  return decodeStrict(bytes, (decoder) => {
    decoder.tag(TAGS.consensusMessage);
    const kind = KINDS[decoder.u8()];
    if (kind === undefined) throw new EncodingError("malformed", "unknown kind of message");
    return readMessage(hash, kind, decoder);
  });
}

function readMessage(hash: Hash, kind: Message["kind"], decoder: Decoder): Message {
  switch (kind) {
    case "proposal":
      return { kind, proposal: readProposal(hash, decoder) };
    case "vote":
      return { kind, vote: readBlockVote(decoder) };
    case "nullify":
      return { kind, vote: readNullifyVote(decoder), finalHeight: height(decoder.safeU64()) };
    case "certificates":
      return { kind, certificates: readCertificates(decoder) };
    case "status":
      return {
        kind,
        epoch: epoch(decoder.safeU64()),
        view: view(decoder.safeU64()),
        finalHeight: height(decoder.safeU64()),
        certificates: readCertificates(decoder),
      };
    case "question":
      return {
        kind,
        epoch: epoch(decoder.safeU64()),
        from: view(decoder.safeU64()),
        to: view(decoder.safeU64()),
        block: decoder.optional((inner) => inner.fixed(DIGEST_LENGTH)),
      };
    default:
      return unreachable(kind);
  }
}

function readProposal(hash: Hash, decoder: Decoder): Proposal {
  const headerBytes = decoder.bytes(LIMITS.headerBytesMax);
  const header = decodeHeader(headerBytes);
  if (header instanceof EncodingError) throw header;
  const leafHashes = decoder.list(LIMITS.blockOperationsMax, (inner) => inner.fixed(DIGEST_LENGTH));
  const vote = readBlockVote(decoder);
  return { header, headerBytes, hash: blockHash(hash, headerBytes), leafHashes, vote };
}

function readBlockVote(decoder: Decoder): BlockVote {
  const vote = readVote(decoder);
  if (vote.kind === "nullify") throw new EncodingError("malformed", "a nullify vote out of place");
  return vote;
}

function readNullifyVote(decoder: Decoder): NullifyVote {
  const vote = readVote(decoder);
  if (vote.kind !== "nullify") throw new EncodingError("malformed", "not a nullify vote");
  return vote;
}

function readCertificates(decoder: Decoder): readonly Certificate[] {
  return decoder.list(LIMITS.certificatesPerMessageMax, readCertificate);
}

function writeCertificateItem(certificate: Certificate, encoder: Encoder): void {
  writeCertificate(encoder, certificate);
}

function writeDigest(digest: Digest, encoder: Encoder): void {
  encoder.fixed(digest, DIGEST_LENGTH);
}

type Electorate = Pick<ConsensusConfig, "networkId" | "epoch" | "validators">;

/** The signature checks that make `message` authentic; undefined if no signature could: the caller drops it. */
export function messageChecks(config: Electorate, message: Message): SignatureCheck[] | undefined {
  switch (message.kind) {
    case "proposal":
      return proposalFits(message.proposal) ? voteChecks(config, message.proposal.vote) : undefined;
    case "vote":
    case "nullify":
      return voteChecks(config, message.vote);
    case "certificates":
      return allCertificateChecks(config, message.certificates);
    case "status":
      return message.epoch === config.epoch
        ? allCertificateChecks(config, message.certificates)
        : undefined;
    case "question":
      return message.epoch === config.epoch && message.from <= message.to ? [] : undefined;
    default:
      return unreachable(message);
  }
}

/** The vote is the proposer's, and about exactly this header. */
function proposalFits(proposal: Proposal): boolean {
  const { header, vote } = proposal;
  return (
    vote.kind === "notarize" &&
    vote.signer === header.proposer &&
    vote.epoch === header.epoch &&
    vote.view === header.view &&
    vote.height === header.height &&
    equalBytes(vote.blockHash, proposal.hash) &&
    proposal.leafHashes.length <= LIMITS.blockOperationsMax
  );
}

function voteChecks(config: Electorate, vote: Vote): SignatureCheck[] | undefined {
  if (vote.epoch !== config.epoch) return undefined;
  const check = voteCheck(config.networkId, config.validators, vote);
  return check && [check];
}

function allCertificateChecks(
  config: Electorate,
  certificates: readonly Certificate[],
): SignatureCheck[] | undefined {
  const all: SignatureCheck[] = [];
  for (const certificate of certificates) {
    if (certificate.subject.epoch !== config.epoch) return undefined;
    const checks = certificateChecks(config.networkId, config.validators, certificate);
    if (checks === undefined) return undefined;
    all.push(...checks);
  }
  return all;
}
