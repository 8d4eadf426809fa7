/** Converts verification and seals between generated messages and values of the protocol. */
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
  type MemberCommitment as MemberCommitmentMessage,
  type NonceCommitment as NonceCommitmentMessage,
  type Seal as SealMessage,
  type SealSession as SealSessionMessage,
  type SealTarget as SealTargetMessage,
  ShareRefusalReason,
  type VerificationStatement as StatementMessage,
  type VerificationRequest,
  VerificationRequestSchema,
  type VerificationResponse,
  VerificationResponseSchema,
  type VerificationStatementSchema,
} from "../../gen/countersign/v1/peer_service_pb.ts";
import { unreachable } from "../primitives/assert.ts";
import { DIGEST_LENGTH } from "../primitives/hash.ts";
import { LIMITS } from "../primitives/limits.ts";
import { PUBLIC_KEY_LENGTH, SIGNATURE_LENGTH } from "../primitives/signature.ts";
import type {
  MemberCommitment,
  NonceCommitment,
  SealNotice,
  SealRefusal,
  SealRequest,
  SessionId,
} from "../seal/messages.ts";
import type { SealTarget } from "../seal/target.ts";
import {
  convert,
  fail,
  present,
  readCounter,
  readEpoch,
  readFixed,
  readHeight,
  readIndex,
  readList,
} from "./convert-fields.ts";
import type { Refusal } from "./refusal.ts";
import type {
  ComputedResult,
  SignedVerification,
  VerificationAnswer,
  VerificationStatement,
} from "./verification.ts";

const SHARE_LENGTH = 32;

export function verificationFromMessage(
  message: VerificationRequest,
): SignedVerification | Refusal {
  return convert(() => readSigned(message));
}

export function verificationToMessage(signed: SignedVerification): VerificationRequest {
  return create(VerificationRequestSchema, signedToMessage(signed));
}

export function verificationAnswerFromMessage(
  message: VerificationResponse,
): VerificationAnswer | Refusal {
  return convert(() => readAnswer(message));
}

export function verificationAnswerToMessage(answer: VerificationAnswer): VerificationResponse {
  return create(VerificationResponseSchema, { answer: answerToMessage(answer) });
}

export function sealFromMessage(message: SealMessage, field: string): SealNotice {
  return {
    kind: "notice",
    target: readTarget(message.target, `${field}.target`),
    seal: readFixed(message.seal, SIGNATURE_LENGTH, `${field}.seal`),
  };
}

export function sealToMessage({ target, seal }: Pick<SealNotice, "target" | "seal">) {
  return { target: targetToMessage(target), seal };
}

function readSigned(message: {
  readonly statement?: StatementMessage | undefined;
  readonly signature: Uint8Array;
}): SignedVerification {
  const statement = present(message.statement, "statement");
  return {
    statement: {
      networkId: readFixed(statement.networkId, DIGEST_LENGTH, "statement.networkId"),
      sender: readIndex(statement.sender, "statement.sender"),
      computed: readComputed(statement.computed),
      request: readRequest(statement.request),
    },
    signature: readFixed(message.signature, SIGNATURE_LENGTH, "signature"),
  };
}

function signedToMessage({ statement, signature }: SignedVerification) {
  return { statement: statementToMessage(statement), signature };
}

function statementToMessage(
  statement: VerificationStatement,
): MessageInitShape<typeof VerificationStatementSchema> {
  const { networkId, sender, computed, request } = statement;
  return {
    networkId,
    sender,
    ...(computed === undefined ? {} : { computed: computedToMessage(computed) }),
    ...(request === undefined ? {} : { request: requestToMessage(request) }),
  };
}

function readComputed(message: StatementMessage["computed"]): ComputedResult | undefined {
  if (message === undefined) return undefined;
  const digest = (name: "blockHash" | "operationsRoot" | "resultsRoot" | "stateRoot") =>
    readFixed(message[name], DIGEST_LENGTH, `statement.computed.${name}`);
  return {
    epoch: readEpoch(message.epoch, "statement.computed.epoch"),
    height: readHeight(message.height, "statement.computed.height"),
    blockHash: digest("blockHash"),
    operationsRoot: digest("operationsRoot"),
    resultsRoot: digest("resultsRoot"),
    stateRoot: digest("stateRoot"),
  };
}

function computedToMessage(computed: ComputedResult) {
  return { ...computed, epoch: BigInt(computed.epoch), height: BigInt(computed.height) };
}

function readRequest(message: StatementMessage["request"]): SealRequest | undefined {
  switch (message.case) {
    case undefined:
      return undefined;
    case "commitment":
      return {
        kind: "commitment",
        epoch: readEpoch(message.value.epoch, "statement.commitment.epoch"),
        spent:
          message.value.spent &&
          readNonceCommitment(message.value.spent, "statement.commitment.spent"),
      };
    case "share":
      return {
        kind: "sign",
        target: readTarget(message.value.target, "statement.share.target"),
        session: readSession(message.value.session, "statement.share.session"),
        commitments: readList(message.value.commitments, LIMITS.validatorsMax, {
          field: "statement.share.commitments",
          read: readMemberCommitment,
        }),
      };
    default:
      return unreachable(message);
  }
}

function requestToMessage(
  request: SealRequest,
): NonNullable<MessageInitShape<typeof VerificationStatementSchema>["request"]> {
  if (request.kind === "commitment") {
    const { epoch, spent } = request;
    const value = { epoch: BigInt(epoch), ...(spent === undefined ? {} : { spent }) };
    return { case: "commitment", value };
  }
  const { target, session, commitments } = request;
  return {
    case: "share",
    value: {
      target: targetToMessage(target),
      session: sessionToMessage(session),
      commitments: commitments.map(({ member, commitment }) => ({ member, commitment })),
    },
  };
}

function readAnswer({ answer }: VerificationResponse): VerificationAnswer {
  switch (answer.case) {
    case "share":
      return {
        kind: "share",
        session: readSession(answer.value.session, "share.session"),
        share: readFixed(answer.value.share, SHARE_LENGTH, "share.share"),
        next: readNonceCommitment(answer.value.next, "share.next"),
      };
    case "staleNonce":
      return {
        kind: "staleNonce",
        session: readSession(answer.value.session, "staleNonce.session"),
        next: readNonceCommitment(answer.value.next, "staleNonce.next"),
      };
    case "knownSeal": {
      const session = readSession(answer.value.session, "knownSeal.session");
      const known = sealFromMessage(present(answer.value.seal, "knownSeal.seal"), "knownSeal.seal");
      return { kind: "seal", session, target: known.target, seal: known.seal };
    }
    case "commitment":
      return { kind: "commitment", next: readNonceCommitment(answer.value, "commitment") };
    case "refused": {
      const { session } = answer.value;
      const reason = readRefusalReason(answer.value.reason);
      if (session === undefined) return { kind: "refused", reason };
      return { kind: "refused", session: readSession(session, "refused.session"), reason };
    }
    case "differingResult":
      return { kind: "differingResult", verification: readSigned(answer.value) };
    case undefined:
      return fail("MISSING_FIELD", "answer", "is missing");
    default:
      return unreachable(answer);
  }
}

function answerToMessage(
  answer: VerificationAnswer,
): NonNullable<MessageInitShape<typeof VerificationResponseSchema>["answer"]> {
  switch (answer.kind) {
    case "share": {
      const { session, share, next } = answer;
      return { case: "share", value: { session: sessionToMessage(session), share, next } };
    }
    case "staleNonce": {
      const { session, next } = answer;
      return { case: "staleNonce", value: { session: sessionToMessage(session), next } };
    }
    case "seal": {
      const session = sessionToMessage(answer.session);
      return { case: "knownSeal", value: { session, seal: sealToMessage(answer) } };
    }
    case "commitment":
      return { case: "commitment", value: answer.next };
    case "refused": {
      const reason = REFUSALS[answer.reason];
      if (answer.session === undefined) return { case: "refused", value: { reason } };
      return { case: "refused", value: { session: sessionToMessage(answer.session), reason } };
    }
    case "differingResult":
      return { case: "differingResult", value: signedToMessage(answer.verification) };
    default:
      return unreachable(answer);
  }
}

const REFUSALS: Readonly<Record<SealRefusal, ShareRefusalReason>> = {
  notFinal: ShareRefusalReason.NOT_FINAL,
  untested: ShareRefusalReason.UNTESTED,
  wrongEpoch: ShareRefusalReason.WRONG_EPOCH,
  wrongCommitments: ShareRefusalReason.WRONG_COMMITMENTS,
  superseded: ShareRefusalReason.SUPERSEDED,
};

function readRefusalReason(reason: ShareRefusalReason): SealRefusal {
  for (const [name, number] of Object.entries(REFUSALS)) {
    if (number === reason) return name as SealRefusal;
  }
  return fail("MALFORMED", "refused.reason", "is unknown");
}

function readTarget(message: SealTargetMessage | undefined, field: string): SealTarget {
  const target = present(message, field);
  const epoch = readEpoch(target.epoch, `${field}.epoch`);
  if (target.height === undefined) return { kind: "test", epoch };
  return { kind: "header", epoch, height: readHeight(target.height, `${field}.height`) };
}

function targetToMessage(target: SealTarget) {
  const epoch = BigInt(target.epoch);
  return target.kind === "test" ? { epoch } : { epoch, height: BigInt(target.height) };
}

function readSession(message: SealSessionMessage | undefined, field: string): SessionId {
  const session = present(message, field);
  return {
    run: readCounter(session.run, `${field}.run`),
    number: readCounter(session.number, `${field}.number`),
  };
}

function sessionToMessage(session: SessionId) {
  return { run: BigInt(session.run), number: BigInt(session.number) };
}

function readMemberCommitment(message: MemberCommitmentMessage, field: string): MemberCommitment {
  return {
    member: readIndex(message.member, `${field}.member`),
    commitment: readNonceCommitment(message.commitment, `${field}.commitment`),
  };
}

function readNonceCommitment(
  message: NonceCommitmentMessage | undefined,
  field: string,
): NonceCommitment {
  const commitment = present(message, field);
  return {
    hiding: readFixed(commitment.hiding, PUBLIC_KEY_LENGTH, `${field}.hiding`),
    binding: readFixed(commitment.binding, PUBLIC_KEY_LENGTH, `${field}.binding`),
  };
}
