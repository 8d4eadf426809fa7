/**
 * Converts single fields of generated messages to values of the protocol; a refusal names the field that does not
 * fit.
 */
import { type Amount, amount } from "../primitives/amount.ts";
import { type Bytes, utf8 } from "../primitives/bytes.ts";
import type { EncodingError } from "../primitives/encoding.ts";
import { parseUuid, type Uuid } from "../primitives/ids.ts";
import { LIMITS } from "../primitives/limits.ts";
import { ADDRESS_FORM, isNetworkAddress } from "../primitives/network-address.ts";
import {
  type Epoch,
  epoch,
  type Height,
  height,
  type ValidatorIndex,
  type View,
  validatorIndex,
  view,
} from "../primitives/numbers.ts";
import { Refusal, type RefusalReason } from "./refusal.ts";

/** Of a certificate, signed by the largest network. */
export const CERTIFICATE_BYTES_MAX = 256 + LIMITS.validatorsMax * 66;

/** Thrown by the readers here; `convert` turns it into a refusal. */
class FieldProblem extends Error {
  readonly refusal: Refusal;

  constructor(reason: RefusalReason, field: string, message: string) {
    super(message);
    this.refusal = new Refusal(reason, { message: `${field}: ${message}`, field });
  }
}

/** Runs readers; the first field that does not fit is the refusal. */
export function convert<T>(read: () => T): T | Refusal {
  try {
    return read();
  } catch (error) {
    if (error instanceof FieldProblem) return error.refusal;
    throw error;
  }
}

/** Ends a conversion. */
export function fail(reason: RefusalReason, field: string, message: string): never {
  throw new FieldProblem(reason, field, message);
}

export function present<T>(value: T | undefined, field: string): T {
  return value ?? fail("MISSING_FIELD", field, "is missing");
}

export function readUuid(text: string, field: string): Uuid {
  if (text === "") fail("MISSING_FIELD", field, "is missing");
  return parseUuid(text) ?? fail("MALFORMED", field, "must be a UUID in lower case");
}

/** Of exactly `length` bytes: a key, a hash, a signature. */
export function readFixed(bytes: Bytes, length: number, field: string): Bytes {
  if (bytes.length === 0) fail("MISSING_FIELD", field, "is missing");
  if (bytes.length !== length) {
    fail("MALFORMED", field, `must have ${length} bytes, not ${bytes.length}`);
  }
  return bytes;
}

/** Bytes of variable length that other code decodes. */
export function readBytes(bytes: Bytes, lengthMax: number, field: string): Bytes {
  if (bytes.length === 0) fail("MISSING_FIELD", field, "is missing");
  if (bytes.length > lengthMax) fail("LIMIT", field, `must have at most ${lengthMax} bytes`);
  return bytes;
}

export function readText(text: string, lengthMax: number, field: string): string {
  if (text === "") fail("MISSING_FIELD", field, "is missing");
  if (utf8(text).length > lengthMax) {
    fail("LIMIT", field, `must have at most ${lengthMax} bytes of UTF-8`);
  }
  return text;
}

/** A network address. Its grammar excludes characters that mean something to a terminal or a log. */
export function readAddress(text: string, field: string): string {
  readText(text, LIMITS.addressLengthMax, field);
  if (!isNetworkAddress(text)) fail("MALFORMED", field, `must be ${ADDRESS_FORM}`);
  return text;
}

export function readList<T, U>(items: readonly T[], countMax: number, list: ListReader<T, U>): U[] {
  const { field, read } = list;
  if (items.length > countMax) fail("LIMIT", field, `must have at most ${countMax} items`);
  return items.map((item, i) => read(item, `${field}[${i}]`));
}

interface ListReader<T, U> {
  readonly field: string;
  readonly read: (item: T, field: string) => U;
}

/** A u64 that JavaScript represents exactly: times, counters. */
export function readCounter(value: bigint, field: string): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) fail("LIMIT", field, "must be at most 2^53 - 1");
  return Number(value);
}

/** A number from 1 to 65535: versions of protocols and rules. */
export function readU16(value: number, field: string): number {
  if (value === 0) fail("MISSING_FIELD", field, "is missing");
  if (value > 0xffff) fail("LIMIT", field, "must be at most 65535");
  return value;
}

export function readHeight(value: bigint, field: string): Height {
  return height(readCounter(value, field));
}

export function readView(value: bigint, field: string): View {
  return view(readCounter(value, field));
}

export function readEpoch(value: bigint, field: string): Epoch {
  return epoch(readCounter(value, field));
}

export function readIndex(value: number, field: string): ValidatorIndex {
  if (value >= LIMITS.validatorsMax) {
    fail("LIMIT", field, `must be below ${LIMITS.validatorsMax}`);
  }
  return validatorIndex(value);
}

export function readAmount(value: bigint): Amount {
  // Protobuf's uint64 has exactly the range of an amount.
  return amount(value);
}

/** The decoded value of canonical bytes, or their fault. */
export function decoded<T extends object>(value: T | EncodingError, field: string): T {
  if (value instanceof Error) fail("MALFORMED", field, value.message);
  return value as T;
}

/** Undefined for an empty value: proto3 cannot mark a plain field as absent. */
export function given(text: string): string | undefined {
  return text === "" ? undefined : text;
}

export function givenBytes(bytes: Bytes): Bytes | undefined {
  return bytes.length === 0 ? undefined : bytes;
}
