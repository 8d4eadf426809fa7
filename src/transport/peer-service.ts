/** PeerService over `PeerApi`: converts requests and answers. */
import { toBinary } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import {
  type LinkRequest,
  LinkRequestSchema,
  type PeerService,
} from "../../gen/countersign/v1/peer_service_pb.ts";
import type { Bytes } from "../primitives/bytes.ts";
import { LIMITS } from "../primitives/limits.ts";
import type { ValidatorIndex } from "../primitives/numbers.ts";
import { answerStreamOf, callerOf, noMember } from "./caller.ts";
import {
  recollectionToMessage,
  snapshotQueryFromMessage,
  snapshotToMessage,
} from "./convert-fetch.ts";
import { CERTIFICATE_BYTES_MAX } from "./convert-fields.ts";
import {
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
import { incomingLinks } from "./incoming-links.ts";
import type { FetchedBlocks, FetchedCertificates, FetchedSnapshot, PeerApi } from "./peer-api.ts";
import { Refusal } from "./refusal.ts";
import { throwing, type UnaryCalls, type UnaryContext } from "./unary-service.ts";
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

/** The single calls, for a listener that answers them itself. */
export function createPeerCalls(
  api: PeerApi,
  answers: UnreadAnswers,
): UnaryCalls<typeof PeerService> {
  const held = async <T>(
    context: UnaryContext,
    bytesMax: number,
    build: (caller: ValidatorIndex) => Promise<T | Refusal>,
    sizeOf: (answer: T) => number,
  ): Promise<T | Refusal> => {
    const caller = callerOf(context);
    if (caller === undefined) return noMember();
    const call = { caller, bytesMax, stream: answerStreamOf(context), signal: context.signal };
    const size = (answer: T | Refusal) => (answer instanceof Refusal ? 0 : sizeOf(answer));
    return await answers.build(call, () => build(caller), size);
  };
  const { blocksBytesMax } = answers;
  return {
    ...createSelfAuthenticatingService(api),
    async recall(_request, context) {
      const caller = callerOf(context);
      if (caller === undefined) return noMember();
      return mapped(await api.recall(caller), recollectionToMessage);
    },
    async fetchBlocks(request, context) {
      if (callerOf(context) === undefined) return noMember();
      const query = blocksQueryFromMessage(request);
      if (query instanceof Refusal) return query;
      const bytesMax = query.headersOnly ? HEADERS_ANSWER_BYTES_MAX : blocksBytesMax;
      const build = (caller: ValidatorIndex) => api.fetchBlocks(query, caller, context.signal);
      return mapped(await held(context, bytesMax, build, bytesOfBlocks), blocksToMessage);
    },
    async fetchOperations(request, context) {
      if (callerOf(context) === undefined) return noMember();
      const leafHashes = leafHashesFromMessage(request);
      if (leafHashes instanceof Refusal) return leafHashes;
      const build = (caller: ValidatorIndex) =>
        api.fetchOperations(leafHashes, caller, context.signal);
      const answer = await held(context, blocksBytesMax, build, bytesOf);
      return mapped(answer, (operations) => ({ operations: [...operations] }));
    },
    async fetchCertificates(request, context) {
      if (callerOf(context) === undefined) return noMember();
      const query = certificatesQueryFromMessage(request);
      if (query instanceof Refusal) return query;
      const build = (caller: ValidatorIndex) => api.fetchCertificates(query, caller);
      const sizeOf = ({ certificates }: FetchedCertificates) => bytesOf(certificates);
      const answer = await held(context, CERTIFICATES_ANSWER_BYTES_MAX, build, sizeOf);
      return mapped(answer, certificatesToMessage);
    },
    async readClock(_request, context) {
      const caller = callerOf(context);
      if (caller === undefined) return noMember();
      return mapped(await api.readClock(caller), clockToMessage);
    },
    async fetchSnapshot(request, context) {
      if (callerOf(context) === undefined) return noMember();
      const query = snapshotQueryFromMessage(request);
      if (query instanceof Refusal) return query;
      const build = (caller: ValidatorIndex) => api.fetchSnapshot(query, caller, context.signal);
      const sizeOf = ({ wallets }: FetchedSnapshot) => bytesOf(wallets);
      return mapped(
        await held(context, SNAPSHOT_ANSWER_BYTES_MAX, build, sizeOf),
        snapshotToMessage,
      );
    },
  };
}

/** All calls for Connect's routers, which wire nodes in one process. */
export function createPeerService(api: PeerApi, answers = forAnyNetwork()): PeerServiceImpl {
  const open = incomingLinks(api);
  return {
    ...throwing(createPeerCalls(api, answers)),
    async link(requests, context) {
      const link = orThrow(open(context));
      try {
        await receiveAll(
          requests,
          AbortSignal.any([link.enough, context.signal]),
          async (request) => {
            orThrow((await link.take(toBinary(LinkRequestSchema, request))) ?? "taken");
          },
        );
      } finally {
        link.end();
      }
      return {};
    },
  };
}

function mapped<T, Message>(
  answer: T | Refusal,
  toMessage: (answer: T) => Message,
): Message | Refusal {
  return answer instanceof Refusal ? answer : toMessage(answer);
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
