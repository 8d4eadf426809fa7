/** Reads ids that a user types. */
import { entropy, sha256 } from "../node/base/crypto.ts";
import { type OperationId, parseUuid, type Uuid, uuidFromDigest } from "../primitives/ids.ts";
import { usage } from "./arguments.ts";

export function readId(what: string, text: string): Uuid {
  const id = parseUuid(text);
  if (id !== undefined) return id;
  throw usage(`${what} is "${text}", but must be a UUID in lower case, 36 characters`);
}

export function randomId(): OperationId {
  return uuidFromDigest(sha256(entropy(32)));
}
