/** What a peer remembers of a node: generated messages to values of the protocol and back. */
import { create } from "@bufbuild/protobuf";
import {
  type RecallResponse,
  RecallResponseSchema,
} from "../../gen/countersign/v1/peer_service_pb.ts";
import {
  decodeCertificate,
  decodeVote,
  encodeCertificate,
  encodeVote,
} from "../primitives/vote.ts";
import { convert, decoded, readBytes, readView } from "./convert-fields.ts";
import { CERTIFICATE_BYTES_MAX, readRegistration, registrationToMessage } from "./convert-peer.ts";
import type { Recollection } from "./peer-api.ts";
import type { Refusal } from "./refusal.ts";

/** Tag, subject, signer and signature. */
const VOTE_BYTES_MAX = 256;

export function recollectionFromMessage(message: RecallResponse): Recollection | Refusal {
  return convert(() => {
    const { registration, vote, entryCertificate: entry } = message;
    return {
      registration: registration && readRegistration(message),
      vote: vote && decoded(decodeVote(readBytes(vote, VOTE_BYTES_MAX, "vote")), "vote"),
      view: readView(message.view, "view"),
      entry:
        entry &&
        decoded(
          decodeCertificate(readBytes(entry, CERTIFICATE_BYTES_MAX, "entryCertificate")),
          "entryCertificate",
        ),
    };
  });
}

export function recollectionToMessage(recollection: Recollection): RecallResponse {
  const { registration, vote, view, entry } = recollection;
  return create(RecallResponseSchema, {
    ...(registration === undefined ? {} : registrationToMessage(registration)),
    ...(vote === undefined ? {} : { vote: encodeVote(vote) }),
    view: BigInt(view),
    ...(entry === undefined ? {} : { entryCertificate: encodeCertificate(entry) }),
  });
}
