/** PeerService over `PeerApi`: converts requests and answers. */
import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import type { LinkRequest, PeerService } from "../../gen/countersign/v1/peer_service_pb.ts";
import type { Bytes } from "../primitives/bytes.ts";
import { LIMITS } from "../primitives/limits.ts";
import type { ValidatorIndex } from "../primitives/numbers.ts";
import { answerStreamOf, callerOf, requireCaller } from "./caller.ts";
import {
  recollectionToMessage,
  snapshotQueryFromMessage,
  snapshotToMessage,
} from "./convert-fetch.ts";
import { CERTIFICATE_BYTES_MAX } from "./convert-fields.ts";
import {
  batchFromMessage,
  blocksQueryFromMessage,
  blocksToMessage,
  certificatesQueryFromMessage,
  certificatesToMessage,
  clockToMessage,
  greetingFromMessage,
  greetingToResponse,
  leafHashesFromMessage,
} from "./convert-peer.ts";
import { verificationAnswerToMessage, verificationFromMessage } from "./convert-seal.ts";
import { orThrow } from "./errors.ts";
import type { FetchedBlocks, FetchedCertificates, FetchedSnapshot, PeerApi } from "./peer-api.ts";
import { Refusal } from "./refusal.ts";
import { throwing, type UnaryCalls } from "./unary-service.ts";
import { UnreadAnswers } from "./unread-answers.ts";

type PeerServiceImpl = ServiceImpl<typeof PeerService>;

const HEADERS_ANSWER_BYTES_MAX = LIMITS.fetchedBlocksMax * LIMITS.headerBytesMax;
const CERTIFICATES_ANSWER_BYTES_MAX =
  (LIMITS.certificatesPerMessageMax + 1) * CERTIFICATE_BYTES_MAX;
/** The bound for wallets, and for the ceremony record with the first of them. */
const SNAPSHOT_ANSWER_BYTES_MAX = LIMITS.snapshotAnswerBytesMax + LIMITS.peerQuestionBytesMax;

/** The two calls that authenticate themselves by the signature in their body; the client listener serves only these. */
export function createSelfAuthenticatingService(
  api: Pick<PeerApi, "register" | "verification">,
): Pick<UnaryCalls<typeof PeerService>, "register" | "verification"> {
  return {
    async register(request, context) {
      const signed = greetingFromMessage(request);
      if (signed instanceof Refusal) return signed;
      const answer = await api.register(signed, callerOf(context), context.signal);
      return answer instanceof Refusal ? answer : greetingToResponse(answer);
    },
    async verification(request, context) {
      const signed = verificationFromMessage(request);
      if (signed instanceof Refusal) return signed;
      const answer = await api.verification(signed, callerOf(context), context.signal);
      return answer instanceof Refusal ? answer : verificationAnswerToMessage(answer);
    },
  };
}

export function createPeerService(api: PeerApi, answers = forAnyNetwork()): PeerServiceImpl {
  const held = <T>(
    context: HandlerContext,
    bytesMax: number,
    build: (caller: ValidatorIndex) => Promise<T | Refusal>,
    sizeOf: (answer: T) => number,
  ): Promise<T> => {
    const caller = requireCaller(context);
    const call = { caller, bytesMax, stream: answerStreamOf(context), signal: context.signal };
    return answers.build(call, async () => orThrow(await build(caller)), sizeOf);
  };
  const links = new Map<ValidatorIndex, AbortController>();
  return {
    ...throwing(createSelfAuthenticatingService(api)),
    async recall(_request, context) {
      return recollectionToMessage(orThrow(await api.recall(requireCaller(context))));
    },
    async link(requests, context) {
      const caller = requireCaller(context);
      // A link that a peer has abandoned may look open here for a long time; the newest one counts.
      links.get(caller)?.abort();
      const end = new AbortController();
      links.set(caller, end);
      try {
        const signal = AbortSignal.any([end.signal, context.signal]);
        await receiveAll(requests, signal, (batch) => receive(api, caller, batch, signal));
      } finally {
        if (links.get(caller) === end) links.delete(caller);
      }
      return {};
    },
    async fetchBlocks(request, context) {
      requireCaller(context);
      const query = orThrow(blocksQueryFromMessage(request));
      const bytesMax = query.headersOnly ? HEADERS_ANSWER_BYTES_MAX : answers.blocksBytesMax;
      const build = (caller: ValidatorIndex) => api.fetchBlocks(query, caller, context.signal);
      return blocksToMessage(await held(context, bytesMax, build, bytesOfBlocks));
    },
    async fetchOperations(request, context) {
      requireCaller(context);
      const leafHashes = orThrow(leafHashesFromMessage(request));
      const build = (caller: ValidatorIndex) =>
        api.fetchOperations(leafHashes, caller, context.signal);
      return { operations: [...(await held(context, answers.blocksBytesMax, build, bytesOf))] };
    },
    async fetchCertificates(request, context) {
      requireCaller(context);
      const query = orThrow(certificatesQueryFromMessage(request));
      const build = (caller: ValidatorIndex) => api.fetchCertificates(query, caller);
      const sizeOf = ({ certificates }: FetchedCertificates) => bytesOf(certificates);
      const answer = await held(context, CERTIFICATES_ANSWER_BYTES_MAX, build, sizeOf);
      return certificatesToMessage(answer);
    },
    async readClock(_request, context) {
      return clockToMessage(orThrow(await api.readClock(requireCaller(context))));
    },
    async fetchSnapshot(request, context) {
      requireCaller(context);
      const query = orThrow(snapshotQueryFromMessage(request));
      const build = (caller: ValidatorIndex) => api.fetchSnapshot(query, caller, context.signal);
      const sizeOf = ({ wallets }: FetchedSnapshot) => bytesOf(wallets);
      return snapshotToMessage(await held(context, SNAPSHOT_ANSWER_BYTES_MAX, build, sizeOf));
    },
  };
}

/** Within one process there is no stream that a caller leaves unread. */
function forAnyNetwork(): UnreadAnswers {
  return new UnreadAnswers({ members: LIMITS.validatorsMax });
}

function bytesOf(parts: readonly Bytes[]): number {
  return parts.reduce((sum, { length }) => sum + length, 0);
}

function bytesOfBlocks({ blocks }: FetchedBlocks): number {
  return blocks.reduce((sum, { header, operations, results }) => {
    return sum + header.length + bytesOf(operations) + (results?.length ?? 0);
  }, 0);
}

async function receive(
  api: PeerApi,
  caller: ValidatorIndex,
  message: LinkRequest,
  signal: AbortSignal,
): Promise<void> {
  const batch = orThrow(batchFromMessage(message));
  orThrow((await api.receive(caller, batch, signal)) ?? "taken");
}

/** Handles one batch after another until the peer ends the stream or `signal` aborts. */
async function receiveAll(
  requests: AsyncIterable<LinkRequest>,
  signal: AbortSignal,
  take: (request: LinkRequest) => Promise<void>,
): Promise<void> {
  // Not Promise.race with a promise of the end, which would keep a reaction for every round of a link that lasts for
  // weeks.
  let end = (): void => undefined;
  signal.addEventListener("abort", () => end(), { once: true });
  const iterator = requests[Symbol.asyncIterator]();
  while (!signal.aborted) {
    const next = await new Promise<IteratorResult<LinkRequest> | undefined>((resolve, reject) => {
      end = () => resolve(undefined);
      iterator.next().then(resolve, reject);
    });
    if (next === undefined || next.done === true) return;
    await take(next.value);
  }
}
