/**
 * The network record: everything beside the wallets that the state holds and a header commits to. It is the ceremony record,
 * followed by the activation of a ruleset once there is one (L17, L30). Without one its bytes are those of the ceremony record.
 */
import { type Bytes, concatBytes } from "../primitives/bytes.ts";
import { type Decoder, decodeStrict, Encoder, type EncodingError } from "../primitives/encoding.ts";
import type { Digest, Hash } from "../primitives/hash.ts";
import type { NetworkId } from "../primitives/ids.ts";
import { LIMITS } from "../primitives/limits.ts";
import type { Epoch } from "../primitives/numbers.ts";
import {
  type CeremonyRecord,
  ceremonyBefore,
  encodeCeremonyRecord,
  readCeremonyRecord,
} from "./ceremony-record.ts";
import type { Activation } from "./rulesets.ts";

export interface NetworkRecord {
  readonly ceremony: CeremonyRecord;
  readonly activation: Activation | undefined;
}

/** Before the first block. */
export function firstNetworkRecord(first: Epoch): NetworkRecord {
  return { ceremony: ceremonyBefore(first), activation: undefined };
}

export function encodeNetworkRecord(networkId: NetworkId, record: NetworkRecord): Bytes {
  const ceremony = encodeCeremonyRecord(networkId, record.ceremony);
  const { activation } = record;
  if (activation === undefined) return ceremony;
  const { ruleset, height, version } = activation;
  const tail = new Encoder().u16(ruleset).u64(height).string(version).finish();
  return concatBytes(ceremony, tail);
}

export function networkRecordHash(hash: Hash, networkId: NetworkId, record: NetworkRecord): Digest {
  return hash(encodeNetworkRecord(networkId, record));
}

export function decodeNetworkRecord(
  networkId: NetworkId,
  bytes: Bytes,
): NetworkRecord | EncodingError {
  return decodeStrict(bytes, (decoder) => {
    const ceremony = readCeremonyRecord(decoder, networkId);
    const activation = decoder.offset < bytes.length ? readActivation(decoder) : undefined;
    return { ceremony, activation };
  });
}

function readActivation(decoder: Decoder): Activation {
  return {
    ruleset: decoder.u16(),
    height: decoder.safeU64(),
    version: decoder.string(LIMITS.nameLengthMax),
  };
}
