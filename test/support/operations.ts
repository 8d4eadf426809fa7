/** Signed operations for tests, made with real keys. */
import { entropy, type SigningKey, sha256, signingKeyOf } from "../../src/node/base/crypto.ts";
import { type Bytes, utf8 } from "../../src/primitives/bytes.ts";
import { type NetworkId, type Uuid, uuidFromDigest } from "../../src/primitives/ids.ts";
import { assembleOperation, type SignedOperation } from "../../src/primitives/operation.ts";
import type { Operation } from "../../src/primitives/operation-kinds.ts";

/** The key pair of a name. */
export function namedSigningKey(name: string): SigningKey {
  return signingKeyOf(sha256(utf8(`test signer ${name}`)));
}

/** The UUID of a name. */
export function namedUuid(name: string): Uuid {
  return uuidFromDigest(sha256(utf8(`test id ${name}`)));
}

export function randomUuid(): Uuid {
  return uuidFromDigest(entropy(32));
}

/** Signs `operation` with its author's key. */
export function signOperation(
  networkId: NetworkId,
  signer: SigningKey,
  operation: Operation,
): SignedOperation {
  const draft = assembleOperation(sha256, networkId, { operation, signature: new Uint8Array(64) });
  const signature: Bytes = signer.sign(draft.unsignedBytes);
  return assembleOperation(sha256, networkId, { operation, signature });
}
