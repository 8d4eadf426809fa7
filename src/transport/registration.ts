/** A node's registration with its peers: its identity and addresses, and its number of starts (A2). */
import type { Bytes } from "../primitives/bytes.ts";
import { type Decoder, decodeStrict, Encoder, EncodingError } from "../primitives/encoding.ts";
import { DIGEST_LENGTH } from "../primitives/hash.ts";
import type { NetworkId } from "../primitives/ids.ts";
import { LIMITS } from "../primitives/limits.ts";
import { SIGNATURE_LENGTH, type Signature } from "../primitives/signature.ts";
import { TAGS } from "../primitives/tags.ts";
import type { Capabilities } from "./capabilities.ts";

export interface Registration {
  readonly networkId: NetworkId;
  /** Name of the member in the genesis. */
  readonly nodeId: string;
  /** host:port of the peer listener. */
  readonly address: string;
  /** host:port of the client listener. */
  readonly clientAddress: string;
  /** Random name of the journal. */
  readonly journalId: Bytes;
  /** Starts of the node on this journal, from 1: the registration's number. */
  readonly starts: number;
  /** This journal replaces a lost one, by the rejoin procedure. */
  readonly rejoined: boolean;
  /** Random name of this start, START_ID_LENGTH bytes: tells apart two processes on copies of one journal. */
  readonly startId: Bytes;
}

export const START_ID_LENGTH = 16;

/** A node sends it to a peer before a link opens. */
export interface Greeting extends SignedRegistration {
  /** Absent if the software is older than such statements. */
  readonly capabilities?: Capabilities | undefined;
  /** The sender's own approval of a ruleset, canonical (L30). */
  readonly approval?: Bytes | undefined;
}

export interface SignedRegistration {
  readonly registration: Registration;
  /** Signed with the identity key over `encodeRegistration`. */
  readonly signature: Signature;
}

/** The bytes a node signs with its identity key. */
export function encodeRegistration(registration: Registration): Bytes {
  return new Encoder()
    .tag(TAGS.registration)
    .fixed(registration.networkId, DIGEST_LENGTH)
    .string(registration.nodeId)
    .string(registration.address)
    .string(registration.clientAddress)
    .bytes(registration.journalId)
    .u64(registration.starts)
    .boolean(registration.rejoined)
    .fixed(registration.startId, START_ID_LENGTH)
    .finish();
}

/** A registration with its signature, in the form of the store. */
export function encodeSignedRegistration(signed: SignedRegistration): Bytes {
  return new Encoder()
    .bytes(encodeRegistration(signed.registration))
    .fixed(signed.signature, SIGNATURE_LENGTH)
    .finish();
}

export function decodeSignedRegistration(bytes: Bytes): SignedRegistration | EncodingError {
  return decodeStrict(bytes, (decoder) => {
    const registration = decodeStrict(decoder.bytes(LIMITS.operationBytesMax), readRegistration);
    if (registration instanceof EncodingError) throw registration;
    return { registration, signature: decoder.fixed(SIGNATURE_LENGTH) };
  });
}

function readRegistration(decoder: Decoder): Registration {
  decoder.tag(TAGS.registration);
  return {
    networkId: decoder.fixed(DIGEST_LENGTH),
    nodeId: decoder.string(LIMITS.nameLengthMax),
    address: decoder.string(LIMITS.addressLengthMax),
    clientAddress: decoder.string(LIMITS.addressLengthMax),
    journalId: decoder.bytes(LIMITS.journalIdLengthMax),
    starts: decoder.safeU64(),
    rejoined: decoder.boolean(),
    startId: decoder.fixed(START_ID_LENGTH),
  };
}
