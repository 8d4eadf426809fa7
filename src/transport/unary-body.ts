/**
 * Reads the one message of a call as a whole and checks it before it is decoded. Connect is more lenient in JSON,
 * decodes before it counts, and reports some unreadable messages as failures of its own.
 */
import { hash } from "node:crypto";
import type { Readable } from "node:stream";
import { type DescMessage, fromBinary, type Message } from "@bufbuild/protobuf";
import { type Bytes, equalBytes } from "../primitives/bytes.ts";
import type { Digest } from "../primitives/hash.ts";
import { LIMITS } from "../primitives/limits.ts";
import type { BodyTime } from "./body-time.ts";
import { type Coding, unpack } from "./compression.ts";
import { codingHeadersOf, type Dialect, hasEnvelopes } from "./dialect.ts";
import { FieldCount } from "./field-count.ts";
import { GatheredBytes } from "./gathered-bytes.ts";
import { Refusal } from "./refusal.ts";
import { readStrictJson } from "./strict-json.ts";

export interface UnaryForm {
  readonly dialect: Dialect;
  /** The coding of the body or, in envelopes, of each message with the flag. */
  readonly coding: Coding | undefined;
  /** SHA-256 that the body must have, as it is sent; absent: any. */
  readonly bodyDigest?: Digest | undefined;
  readonly input: DescMessage;
  readonly bytesMax: number;
  /** The most fields of a binary message; absent if no message is large. */
  readonly fieldsMax: number | undefined;
}

/** A message that may be decoded. */
export interface CheckedMessage {
  readonly bytes: Bytes;
  /** Decoded already; absent: it is binary, and only its fields were counted. */
  readonly json?: Message;
}

const ENVELOPE_BYTES = 5;
const PACKED_FLAG = 1;
/** In JSON, a value follows the beginning or one of these characters. */
const BEFORE_VALUES: ReadonlySet<number> = new Set(Buffer.from(",[{"));

/** The message in a body, unpacked and checked. */
export async function readUnaryBody(
  request: Readable,
  form: UnaryForm,
  time: BodyTime | undefined,
): Promise<CheckedMessage | Refusal> {
  const body = await gather(request, form, time);
  if (body instanceof Refusal) return body;
  const { bodyDigest } = form;
  if (bodyDigest !== undefined && !equalBytes(sha256(body), bodyDigest)) return otherBody();
  if (!hasEnvelopes(form.dialect)) return checkMessage(body, form, form.coding !== undefined);
  const message = openEnvelope(body, form);
  if (message instanceof Refusal) return message;
  return checkMessage(message.data, form, message.isPacked);
}

/** Unpacks and checks a message. */
export async function checkMessage(
  sent: Bytes,
  form: UnaryForm,
  isPacked: boolean,
): Promise<CheckedMessage | Refusal> {
  const { dialect, coding, input, bytesMax, fieldsMax } = form;
  const isJson = dialect === "json";
  // A few bytes on the wire may unpack to very many.
  const unpackedMax = isJson ? bytesMax : Math.min(bytesMax, LIMITS.clientUnpackedBytesMax);
  const header = codingHeadersOf(dialect).request;
  const bytes =
    isPacked && coding !== undefined
      ? await unpack(sent, { name: coding, header }, unpackedMax)
      : sent;
  if (bytes instanceof Refusal) return bytes;
  if (bytes.length > bytesMax) return tooLarge(bytesMax);
  if (isJson) return checkJson(bytes, input);
  const refusal =
    fieldsMax === undefined ? undefined : new FieldCount(input, fieldsMax).take(bytes);
  return refusal ?? { bytes };
}

/** Decodes it, if that is still to be done. */
export function messageOf({ bytes, json }: CheckedMessage, input: DescMessage): Message | Refusal {
  if (json !== undefined) return json;
  try {
    return fromBinary(input, bytes);
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return new Refusal("MALFORMED", { message: `parse binary: ${problem}` });
  }
}

function checkJson(bytes: Bytes, input: DescMessage): CheckedMessage | Refusal {
  if (valuesAtMost(bytes) > LIMITS.clientMessageFieldsMax) {
    const message = `a message has more than ${LIMITS.clientMessageFieldsMax} values`;
    return new Refusal("LIMIT", { message });
  }
  const json = readStrictJson(input, bytes);
  return json instanceof Refusal ? json : { bytes, json };
}

/**
 * An upper bound on the number of values in a JSON text, found without parsing it: 256 KiB of small values take half
 * a second to parse, and only a few hundred bytes on the wire if they are packed.
 */
function valuesAtMost(json: Bytes): number {
  let values = 1;
  for (const byte of json) if (BEFORE_VALUES.has(byte)) values += 1;
  return values;
}

/** The whole body, if it arrives in time and is not too large. The rest of one that is refused stays unread. */
function gather(
  request: Readable,
  { dialect, bytesMax }: UnaryForm,
  time: BodyTime | undefined,
): Promise<Bytes | Refusal> {
  const isEnveloped = hasEnvelopes(dialect);
  const most = bytesMax + (isEnveloped ? ENVELOPE_BYTES : 0);
  const body = new GatheredBytes();
  return new Promise((resolve) => {
    const settle = (outcome: Bytes | Refusal): void => {
      request.off("data", take).off("end", end).off("close", cutOff);
      time?.whenOver(undefined);
      if (outcome instanceof Refusal) request.pause();
      resolve(outcome);
    };
    const take = (chunk: Bytes): void => {
      body.push(chunk);
      // Refused at once, not when the bytes that it claims have arrived.
      const isTooLarge = body.length > most || (isEnveloped && claimedLength(body) > bytesMax);
      if (isTooLarge) settle(tooLarge(bytesMax));
    };
    const end = (): void => settle(body.finish());
    const cutOff = () => settle(new Refusal("CANCELED", { message: "the body ended too early" }));
    const late = () => settle(new Refusal("BODY_TIMEOUT", { message: "the body did not come" }));
    if (time?.isOver === true) return late();
    time?.whenOver(late);
    // An error comes before the close, and needs a listener.
    request.on("error", () => undefined);
    request.on("data", take).on("end", end).on("close", cutOff);
  });
}

/** The length of the first message; 0 while it is unknown. */
function claimedLength({ length, view }: GatheredBytes): number {
  return length < ENVELOPE_BYTES ? 0 : lengthIn(view);
}

function openEnvelope(
  body: Bytes,
  { dialect, coding }: UnaryForm,
): { readonly data: Bytes; readonly isPacked: boolean } | Refusal {
  const malformed = (message: string, field?: string) =>
    new Refusal("MALFORMED", field === undefined ? { message } : { message, field });
  if (body.length === 0) return malformed("the call has no message");
  if (body.length < ENVELOPE_BYTES) return malformed("the envelope of the message is cut off");
  const [flags = 0] = body;
  if ((flags & ~PACKED_FLAG) !== 0) return malformed("the envelope has flags that are unknown");
  const isPacked = flags === PACKED_FLAG;
  const header = codingHeadersOf(dialect).request;
  if (isPacked && coding === undefined) {
    return malformed(`the message is compressed, and no header ${header} says how`, header);
  }
  const [length, held] = [lengthIn(body), body.length - ENVELOPE_BYTES];
  if (held < length) return malformed(`the message is cut off: ${held} of ${length} bytes`);
  if (held > length) return malformed("the call has more than one message");
  return { data: body.subarray(ENVELOPE_BYTES), isPacked };
}

function lengthIn(envelope: Bytes): number {
  return new DataView(envelope.buffer, envelope.byteOffset).getUint32(1);
}

function sha256(bytes: Bytes): Bytes {
  return new Uint8Array(hash("sha256", bytes, "buffer"));
}

/** Before anything of the body is read: it is not the caller's. */
function otherBody(): Refusal {
  return new Refusal("UNAUTHENTICATED", {
    message: "the body does not have the digest that is signed in the header authorization",
    field: "authorization",
    remedy:
      "Sign the SHA-256 of the body exactly as it is sent, with envelope and compression if it has them (docs/signing.md).",
  });
}

function tooLarge(bytesMax: number): Refusal {
  return new Refusal("TOO_LARGE", { message: `the message is larger than ${bytesMax} bytes` });
}
