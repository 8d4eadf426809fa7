/**
 * The ids that stored operations use, for a start, which reads those of an hour: of transfers, which are nearly all, only the bytes
 * of the id are looked at, and no operation is made.
 */
import { type Bytes, beginsWith, copyBytes } from "./bytes.ts";
import { Encoder, EncodingError } from "./encoding.ts";
import { DIGEST_LENGTH } from "./hash.ts";
import { type NetworkId, UUID_LENGTH } from "./ids.ts";
import { decodeOperation, operationKey } from "./operation.ts";
import { TRANSFER } from "./operations/transfer.ts";
import { PUBLIC_KEY_LENGTH } from "./signature.ts";
import { TAGS } from "./tags.ts";

export interface IdInUse {
  /** That of the operation (`operationKey`); of a transfer the same as 32 bytes, those of the wallet's id and of its own. */
  readonly key: string | Bytes;
  /** Milliseconds. */
  readonly validUntil: number;
}

export type ReadId = (operation: Bytes) => IdInUse | EncodingError;

const TIME_LENGTH = 8;

/** Reads the id of an operation that a block of this network holds. It checks of a transfer only where it begins. */
export function idReader(networkId: NetworkId): ReadId {
  const prefix = new Encoder()
    .tag(TAGS.operation)
    .fixed(networkId, DIGEST_LENGTH)
    .u8(TRANSFER.code)
    .finish();
  // As `encodeOperation` writes them: author, id, deadline, and first of a transfer's own fields the wallet that pays.
  const idAt = prefix.length + PUBLIC_KEY_LENGTH;
  const timeAt = idAt + UUID_LENGTH;
  const walletAt = timeAt + TIME_LENGTH;
  return (operation) => {
    if (operation.length >= walletAt + UUID_LENGTH && beginsWith(operation, prefix)) {
      const validUntil = timeIn(operation, timeAt);
      if (Number.isSafeInteger(validUntil)) {
        const key = new Uint8Array(2 * UUID_LENGTH);
        copyBytes(operation, walletAt, { into: key, at: 0, length: UUID_LENGTH });
        copyBytes(operation, idAt, { into: key, at: UUID_LENGTH, length: UUID_LENGTH });
        return { key, validUntil };
      }
    }
    const decoded = decodeOperation(networkId, operation);
    if (decoded instanceof EncodingError) return decoded;
    return { key: operationKey(decoded), validUntil: decoded.validUntil };
  };
}

/** A number of 64 bits, big-endian; not exact above 2^53. */
function timeIn(bytes: Bytes, at: number): number {
  let time = 0;
  for (let i = 0; i < TIME_LENGTH; i++) time = time * 256 + (bytes[at + i] ?? 0);
  return time;
}
