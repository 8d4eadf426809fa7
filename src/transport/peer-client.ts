/** The calls of a node to one peer: the generated client behind the protocol's own types. Works over any transport. */
import { type Client, createClient, type Transport } from "@connectrpc/connect";
import { type LinkRequest, PeerService } from "../../gen/countersign/v1/peer_service_pb.ts";
import type { Bytes } from "../primitives/bytes.ts";
import type { Digest } from "../primitives/hash.ts";
import {
  recollectionFromMessage,
  snapshotFromMessage,
  snapshotQueryToMessage,
} from "./convert-fetch.ts";
import {
  blocksFromMessage,
  blocksQueryToMessage,
  certificatesFromMessage,
  certificatesQueryToMessage,
  clockFromMessage,
  greetingFromMessage,
  greetingToRequest,
  operationsFromMessage,
} from "./convert-peer.ts";
import { verificationAnswerFromMessage, verificationToMessage } from "./convert-seal.ts";
import { describeError, readRefusal } from "./errors.ts";
import type {
  BlocksQuery,
  CertificatesQuery,
  ClockInfo,
  FetchedBlocks,
  FetchedCertificates,
  FetchedSnapshot,
  Recollection,
  SnapshotQuery,
} from "./peer-api.ts";
import { Refusal } from "./refusal.ts";
import type { Greeting } from "./registration.ts";
import { boundDuration } from "./timers.ts";
import type { SignedVerification, VerificationAnswer } from "./verification.ts";

/** The reason why a peer gave no answer. It says nothing about the effect of the question. */
export class PeerFailure {
  /**
   * unreachable: no connection, or it ended, or no answer came in time; refused: the peer refused, for the reason in
   * `refusal`; malformed: the answer breaks the contract.
   */
  readonly kind: "unreachable" | "refused" | "malformed";
  readonly message: string;
  readonly refusal: Refusal | undefined;

  constructor(kind: PeerFailure["kind"], message: string, refusal?: Refusal) {
    this.kind = kind;
    this.message = message;
    this.refusal = refusal;
  }
}

export interface CallLimits {
  /** Default: 10 s. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export interface PeerClient {
  /** The answer is the peer's own greeting. */
  register(own: Greeting, limits?: CallLimits): Promise<Greeting | PeerFailure>;
  recall(limits?: CallLimits): Promise<Recollection | PeerFailure>;
  verification(
    signed: SignedVerification,
    limits?: CallLimits,
  ): Promise<VerificationAnswer | PeerFailure>;
  fetchBlocks(query: BlocksQuery, limits?: CallLimits): Promise<FetchedBlocks | PeerFailure>;
  /** Canonical operations; the caller checks by their leaf hashes that they were requested. */
  fetchOperations(
    leafHashes: readonly Digest[],
    limits?: CallLimits,
  ): Promise<readonly Bytes[] | PeerFailure>;
  fetchCertificates(
    query: CertificatesQuery,
    limits?: CallLimits,
  ): Promise<FetchedCertificates | PeerFailure>;
  fetchSnapshot(query: SnapshotQuery, limits?: CallLimits): Promise<FetchedSnapshot | PeerFailure>;
  /** Unchecked. */
  readClock(limits?: CallLimits): Promise<ClockInfo | PeerFailure>;
  /**
   * Sends batches until there are no more, the peer ends the stream, or `signal` aborts; gives the reason for the
   * end.
   */
  link(batches: AsyncIterable<LinkRequest>, signal: AbortSignal): Promise<PeerFailure>;
}

const TIMEOUT_MS = 10_000;

export function createPeerClient(transport: Transport): PeerClient {
  const client = createClient(PeerService, transport);
  return {
    register: (own, limits) =>
      ask(client.register(greetingToRequest(own), within(limits)), greetingFromMessage),
    recall: (limits) => ask(client.recall({}, within(limits)), recollectionFromMessage),
    verification: (signed, limits) =>
      ask(
        client.verification(verificationToMessage(signed), within(limits)),
        verificationAnswerFromMessage,
      ),
    fetchBlocks: (query, limits) =>
      ask(client.fetchBlocks(blocksQueryToMessage(query), within(limits)), blocksFromMessage),
    fetchOperations: (leafHashes, limits) =>
      ask(
        client.fetchOperations({ leafHashes: [...leafHashes] }, within(limits)),
        operationsFromMessage,
      ),
    fetchCertificates: (query, limits) =>
      ask(
        client.fetchCertificates(certificatesQueryToMessage(query), within(limits)),
        certificatesFromMessage,
      ),
    fetchSnapshot: (query, limits) =>
      ask(client.fetchSnapshot(snapshotQueryToMessage(query), within(limits)), snapshotFromMessage),
    readClock: (limits) => ask(client.readClock({}, within(limits)), clockFromMessage),
    link: (batches, signal) => link(client, batches, signal),
  };
}

async function ask<Message, Answer>(
  call: Promise<Message>,
  read: (message: Message) => Answer | Refusal,
): Promise<Answer | PeerFailure> {
  let message: Message;
  try {
    message = await call;
  } catch (error) {
    return failureOf(error);
  }
  const answer = read(message);
  return answer instanceof Refusal ? new PeerFailure("malformed", answer.message) : answer;
}

async function link(
  client: Client<typeof PeerService>,
  batches: AsyncIterable<LinkRequest>,
  signal: AbortSignal,
): Promise<PeerFailure> {
  try {
    await client.link(batches, { signal, timeoutMs: 0 });
    return new PeerFailure("unreachable", "the peer ended the link");
  } catch (error) {
    return failureOf(error);
  }
}

function within(limits: CallLimits = {}) {
  const timeoutMs = boundDuration(limits.timeoutMs ?? TIMEOUT_MS);
  const { signal } = limits;
  return signal === undefined ? { timeoutMs } : { timeoutMs, signal };
}

function failureOf(error: unknown): PeerFailure {
  const refusal = readRefusal(error);
  if (refusal !== undefined) return new PeerFailure("refused", refusal.message, refusal);
  return new PeerFailure("unreachable", describeError(error));
}
