/**
 * Signatures of the simulated world: cheap, and by convention made by their owners only. They prove nothing outside
 * it.
 */
import { type Bytes, equalBytes, utf8 } from "../../../src/primitives/bytes.ts";
import type { Signature, Verify } from "../../../src/primitives/signature.ts";
import type { Validator } from "../../../src/primitives/validators.ts";
import { validatorOf } from "../validator.ts";

const KEY_LENGTH = 32;
const SIGNATURE_LENGTH = 64;

export function simulatedKey(index: number): Bytes {
  const key = new Uint8Array(KEY_LENGTH);
  key.set(utf8(`simulated key ${index}`));
  return key;
}

/** FNV-1a over key and message, spread over 64 bytes. */
export function simulatedSign(key: Bytes, message: Bytes): Signature {
  let state = 0x811c9dc5;
  for (const byte of key) state = Math.imul(state ^ byte, 0x01000193);
  for (const byte of message) state = Math.imul(state ^ byte, 0x01000193);
  const signature = new Uint8Array(SIGNATURE_LENGTH);
  for (let i = 0; i < SIGNATURE_LENGTH; i++) {
    state = Math.imul(state ^ i, 0x01000193);
    signature[i] = state >>> 24;
  }
  return signature;
}

export const simulatedVerify: Verify = ({ publicKey, message, signature }) =>
  equalBytes(simulatedSign(publicKey, message), signature);

export function simulatedValidators(count: number): Validator[] {
  return Array.from({ length: count }, (_, index) => {
    const key = simulatedKey(index);
    return validatorOf(index, { identityKey: key, custodyKey: key });
  });
}
