/** Values that the examples of several services share. */
import { createHash } from "node:crypto";
import type { JsonValue } from "@bufbuild/protobuf";

export interface Example {
  readonly request: JsonValue;
  readonly response: JsonValue;
}

/** `length` bytes in base64, always the same for a given name. */
export function made(length: number, name: string): string {
  const size = { outputLength: length };
  return createHash("shake256", size).update(name).digest("base64");
}

export const networkId = made(32, "network");
export const blockHash = made(32, "block");
