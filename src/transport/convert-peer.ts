/** Converts registrations, link batches and fetched blocks between generated messages and values of the protocol. */
import { create } from "@bufbuild/protobuf";
import {
  type Capabilities as CapabilitiesMessage,
  type FetchBlocksRequest,
  FetchBlocksRequestSchema,
  type FetchBlocksResponse,
  FetchBlocksResponseSchema,
  type FetchCertificatesRequest,
  FetchCertificatesRequestSchema,
  type FetchCertificatesResponse,
  FetchCertificatesResponseSchema,
  type FetchedBlock as FetchedBlockMessage,
  type FetchOperationsRequest,
  type FetchOperationsResponse,
  type LinkRequest,
  LinkRequestSchema,
  type ReadClockResponse,
  ReadClockResponseSchema,
  type RegisterRequest,
  RegisterRequestSchema,
  type RegisterResponse,
  RegisterResponseSchema,
  type Registration as RegistrationMessage,
} from "../../gen/countersign/v1/peer_service_pb.ts";
import type { Bytes } from "../primitives/bytes.ts";
import { DIGEST_LENGTH, type Digest } from "../primitives/hash.ts";
import { LIMITS } from "../primitives/limits.ts";
import { APPROVAL_BYTES_MAX } from "../primitives/ruleset-plan.ts";
import { SIGNATURE_LENGTH } from "../primitives/signature.ts";
import type { Capabilities } from "./capabilities.ts";
import {
  CERTIFICATE_BYTES_MAX,
  convert,
  fail,
  present,
  readAddress,
  readBytes,
  readCounter,
  readEpoch,
  readFixed,
  readHeight,
  readList,
  readText,
  readU16,
  readView,
} from "./convert-fields.ts";
import { sealFromMessage, sealToMessage } from "./convert-seal.ts";
import type {
  BlocksQuery,
  CertificatesQuery,
  ClockInfo,
  FetchedBlock,
  FetchedBlocks,
  FetchedCertificates,
  LinkBatch,
} from "./peer-api.ts";
import type { Refusal } from "./refusal.ts";
import { type Greeting, type SignedRegistration, START_ID_LENGTH } from "./registration.ts";

/** Results of the largest block: their number, and a byte for each. */
const RESULTS_BYTES_MAX = 4 + LIMITS.blockOperationsMax;

export function greetingFromMessage(
  message: RegisterRequest | RegisterResponse,
): Greeting | Refusal {
  return convert(() => ({
    ...readRegistration(message),
    ...(message.capabilities === undefined
      ? {}
      : { capabilities: readCapabilities(message.capabilities) }),
    ...(message.approval === undefined
      ? {}
      : { approval: readBytes(message.approval, APPROVAL_BYTES_MAX, "approval") }),
  }));
}

function readCapabilities(message: CapabilitiesMessage): Capabilities {
  const number = (name: "protocolMin" | "protocolMax" | "rulesetMax") =>
    readU16(message[name], `capabilities.${name}`);
  const protocol = { min: number("protocolMin"), max: number("protocolMax") };
  if (protocol.min > protocol.max) {
    fail("MALFORMED", "capabilities.protocolMin", "must be at most protocolMax");
  }
  const version = readText(message.version, LIMITS.nameLengthMax, "capabilities.version");
  return { protocol, rulesetMax: number("rulesetMax"), version };
}

/** Throws the error that `convert` turns into a refusal. */
export function readRegistration(message: {
  readonly registration?: RegistrationMessage | undefined;
  readonly signature: Bytes;
}): SignedRegistration {
  const registration = present(message.registration, "registration");
  const address = (name: "address" | "clientAddress") =>
    readAddress(registration[name], `registration.${name}`);
  return {
    registration: {
      networkId: readFixed(registration.networkId, DIGEST_LENGTH, "registration.networkId"),
      nodeId: readText(registration.nodeId, LIMITS.nameLengthMax, "registration.nodeId"),
      address: address("address"),
      clientAddress: address("clientAddress"),
      journalId: readBytes(
        registration.journalId,
        LIMITS.journalIdLengthMax,
        "registration.journalId",
      ),
      starts: readCounter(registration.starts, "registration.starts"),
      rejoined: registration.rejoined,
      startId: readFixed(registration.startId, START_ID_LENGTH, "registration.startId"),
    },
    signature: readFixed(message.signature, SIGNATURE_LENGTH, "signature"),
  };
}

export function greetingToRequest(greeting: Greeting): RegisterRequest {
  return create(RegisterRequestSchema, greetingToMessage(greeting));
}

export function greetingToResponse(greeting: Greeting): RegisterResponse {
  return create(RegisterResponseSchema, greetingToMessage(greeting));
}

function greetingToMessage({ capabilities, approval, ...signed }: Greeting) {
  const own = approval === undefined ? {} : { approval };
  const message = { ...registrationToMessage(signed), ...own };
  if (capabilities === undefined) return message;
  const { protocol, rulesetMax, version } = capabilities;
  const stated = { protocolMin: protocol.min, protocolMax: protocol.max, rulesetMax, version };
  return { ...message, capabilities: stated };
}

export function registrationToMessage({ registration, signature }: SignedRegistration) {
  return { registration: { ...registration, starts: BigInt(registration.starts) }, signature };
}

export function batchFromMessage(message: LinkRequest): LinkBatch | Refusal {
  return convert(() => ({
    operations: readOperations(message.operations, LIMITS.linkBatchItemsMax),
    consensusMessages: readList(message.consensusMessages, LIMITS.linkBatchItemsMax, {
      field: "consensusMessages",
      read: (item, field) => readBytes(item, LIMITS.peerMessageBytesMax, field),
    }),
    seals: readList(message.seals, LIMITS.linkBatchItemsMax, {
      field: "seals",
      read: sealFromMessage,
    }),
  }));
}

export function batchToMessage(batch: LinkBatch): LinkRequest {
  return create(LinkRequestSchema, {
    operations: [...batch.operations],
    consensusMessages: [...batch.consensusMessages],
    seals: batch.seals.map(sealToMessage),
  });
}

export function blocksQueryFromMessage(request: FetchBlocksRequest): BlocksQuery | Refusal {
  return convert(() => {
    const { start, count, headersOnly, withResults } = request;
    if (count < 1 || count > LIMITS.fetchedBlocksMax) {
      fail("LIMIT", "count", `must be 1 to ${LIMITS.fetchedBlocksMax}`);
    }
    switch (start.case) {
      case "fromHeight": {
        const height = readHeight(start.value, "fromHeight");
        if (height < 1)
          fail("LIMIT", "fromHeight", "must be at least 1: no node stores the genesis");
        return { start: { kind: "height", height }, count, headersOnly };
      }
      case "fromHash": {
        const hash = readFixed(start.value, DIGEST_LENGTH, "fromHash");
        const above = readHeight(request.aboveHeight, "aboveHeight");
        return { start: { kind: "hash", hash, above }, count, headersOnly, withResults };
      }
      default:
        return fail("MISSING_FIELD", "fromHeight", "is missing; give it or fromHash");
    }
  });
}

export function blocksQueryToMessage(query: BlocksQuery): FetchBlocksRequest {
  const { start, count, headersOnly, withResults = false } = query;
  return create(FetchBlocksRequestSchema, {
    count,
    headersOnly,
    withResults,
    ...(start.kind === "height"
      ? { start: { case: "fromHeight", value: BigInt(start.height) } }
      : {
          start: { case: "fromHash", value: start.hash },
          aboveHeight: BigInt(start.above),
        }),
  });
}

export function blocksFromMessage(message: FetchBlocksResponse): FetchedBlocks | Refusal {
  return convert(() => ({
    blocks: readList(message.blocks, LIMITS.fetchedBlocksMax, { field: "blocks", read: readBlock }),
    finalization: readCertificate(message.finalization, "finalization"),
    finalHeight: readHeight(message.finalHeight, "finalHeight"),
  }));
}

export function blocksToMessage(blocks: FetchedBlocks): FetchBlocksResponse {
  const { finalization } = blocks;
  return create(FetchBlocksResponseSchema, {
    blocks: blocks.blocks.map(blockToMessage),
    ...(finalization === undefined ? {} : { finalization }),
    finalHeight: BigInt(blocks.finalHeight),
  });
}

function readBlock(message: FetchedBlockMessage, field: string): FetchedBlock {
  const { results, seal } = message;
  return {
    header: readBytes(message.header, LIMITS.headerBytesMax, `${field}.header`),
    operations: readList(message.operations, LIMITS.blockOperationsMax, {
      field: `${field}.operations`,
      read: (item, at) => readBytes(item, LIMITS.operationBytesMax, at),
    }),
    results: results && readBytes(results, RESULTS_BYTES_MAX, `${field}.results`),
    finalization: readCertificate(message.finalization, `${field}.finalization`),
    seal: seal && readFixed(seal, SIGNATURE_LENGTH, `${field}.seal`),
  };
}

function blockToMessage(block: FetchedBlock) {
  const { header, operations, results, finalization, seal } = block;
  return {
    header,
    operations: [...operations],
    ...(results === undefined ? {} : { results }),
    ...(finalization === undefined ? {} : { finalization }),
    ...(seal === undefined ? {} : { seal }),
  };
}

export function leafHashesFromMessage(request: FetchOperationsRequest): Digest[] | Refusal {
  return convert(() =>
    readList(request.leafHashes, LIMITS.blockOperationsMax, {
      field: "leafHashes",
      read: (item, field) => readFixed(item, DIGEST_LENGTH, field),
    }),
  );
}

export function operationsFromMessage(message: FetchOperationsResponse): Bytes[] | Refusal {
  return convert(() => readOperations(message.operations, LIMITS.blockOperationsMax));
}

function readOperations(operations: readonly Bytes[], countMax: number): Bytes[] {
  return readList(operations, countMax, {
    field: "operations",
    read: (item, field) => readBytes(item, LIMITS.operationBytesMax, field),
  });
}

export function certificatesQueryFromMessage(
  request: FetchCertificatesRequest,
): CertificatesQuery | Refusal {
  return convert(() => ({
    epoch: readEpoch(request.epoch, "epoch"),
    view: readView(request.view, "view"),
  }));
}

export function certificatesQueryToMessage(query: CertificatesQuery): FetchCertificatesRequest {
  return create(FetchCertificatesRequestSchema, {
    epoch: BigInt(query.epoch),
    view: BigInt(query.view),
  });
}

export function certificatesFromMessage(
  message: FetchCertificatesResponse,
): FetchedCertificates | Refusal {
  return convert(() => ({
    view: readView(message.view, "view"),
    certificates: readList(message.certificates, LIMITS.certificatesPerMessageMax, {
      field: "certificates",
      read: (item, field) => readBytes(item, CERTIFICATE_BYTES_MAX, field),
    }),
    finalization: readCertificate(message.finalization, "finalization"),
  }));
}

export function certificatesToMessage(fetched: FetchedCertificates): FetchCertificatesResponse {
  const { view, certificates, finalization } = fetched;
  return create(FetchCertificatesResponseSchema, {
    view: BigInt(view),
    certificates: [...certificates],
    ...(finalization === undefined ? {} : { finalization }),
  });
}

function readCertificate(bytes: Bytes | undefined, field: string): Bytes | undefined {
  return bytes === undefined ? undefined : readBytes(bytes, CERTIFICATE_BYTES_MAX, field);
}

export function clockFromMessage(message: ReadClockResponse): ClockInfo | Refusal {
  return convert(() => ({
    wallClock: readCounter(message.wallClock, "wallClock"),
    bodiesFrom:
      message.bodiesFrom === undefined ? undefined : readCounter(message.bodiesFrom, "bodiesFrom"),
  }));
}

export function clockToMessage({ wallClock, bodiesFrom }: ClockInfo): ReadClockResponse {
  return create(ReadClockResponseSchema, {
    wallClock: BigInt(wallClock),
    ...(bodiesFrom !== undefined && { bodiesFrom: BigInt(bodiesFrom) }),
  });
}
