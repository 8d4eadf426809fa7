/**
 * Reads the one message of a call as a whole and checks it before Connect sees it. Connect is more lenient in JSON,
 * decodes before it counts, and reports some unreadable messages as failures of its own.
 */
import { hash } from "node:crypto";
import type { DescMessage } from "@bufbuild/protobuf";
import { type Bytes, concatBytes, equalBytes } from "../primitives/bytes.ts";
import type { Digest } from "../primitives/hash.ts";
import { LIMITS } from "../primitives/limits.ts";
import { type Coding, unpack } from "./compression.ts";
import { codingHeadersOf, type Dialect, hasEnvelopes } from "./dialect.ts";
import { FieldCount } from "./field-count.ts";
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

const ENVELOPE_BYTES = 5;
const PACKED_FLAG = 1;
/** In JSON, a value follows the beginning or one of these characters. */
const BEFORE_VALUES: ReadonlySet<number> = new Set(Buffer.from(",[{"));

/** The message in a body, unpacked; `late` aborts when the time of the body is over. */
export async function readUnaryBody(
  chunks: AsyncIterable<Bytes>,
  form: UnaryForm,
  late: AbortSignal,
): Promise<Bytes | Refusal> {
  const body = await gather(chunks, form, late);
  if (body instanceof Refusal) return body;
  const { bodyDigest } = form;
  if (bodyDigest !== undefined && !equalBytes(sha256(body), bodyDigest)) return otherBody();
  if (!hasEnvelopes(form.dialect)) return checkMessage(body, form, form.coding !== undefined);
  const message = openEnvelope(body, form);
  if (message instanceof Refusal) return message;
  return checkMessage(message.data, form, message.isPacked);
}

/** Unpacks and checks a message; gives the bytes that Connect may decode. */
export async function checkMessage(
  sent: Bytes,
  form: UnaryForm,
  isPacked: boolean,
): Promise<Bytes | Refusal> {
  const { dialect, coding, input, bytesMax, fieldsMax } = form;
  const isJson = dialect === "json";
  // A few bytes on the wire may unpack to very many.
  const unpackedMax = isJson ? bytesMax : Math.min(bytesMax, LIMITS.clientUnpackedBytesMax);
  const header = codingHeadersOf(dialect).request;
  const message =
    isPacked && coding !== undefined
      ? await unpack(sent, { name: coding, header }, unpackedMax)
      : sent;
  if (message instanceof Refusal) return message;
  if (message.length > bytesMax) return tooLarge(bytesMax);
  if (isJson) return checkJson(message, input) ?? message;
  if (fieldsMax === undefined) return message;
  return new FieldCount(input, fieldsMax).take(message) ?? message;
}

function checkJson(json: Bytes, input: DescMessage): Refusal | undefined {
  if (valuesAtMost(json) > LIMITS.clientMessageFieldsMax) {
    const message = `a message has more than ${LIMITS.clientMessageFieldsMax} values`;
    return new Refusal("LIMIT", { message });
  }
  const checked = readStrictJson(input, json);
  return checked instanceof Refusal ? checked : undefined;
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

/** The whole body, if it arrives in time and is not too large. */
async function gather(
  chunks: AsyncIterable<Bytes>,
  { dialect, bytesMax }: UnaryForm,
  late: AbortSignal,
): Promise<Bytes | Refusal> {
  const isEnveloped = hasEnvelopes(dialect);
  const most = bytesMax + (isEnveloped ? ENVELOPE_BYTES : 0);
  const parts: Bytes[] = [];
  let length = 0;
  const lateness = new Promise<"late">((resolve) => {
    if (late.aborted) resolve("late");
    late.addEventListener("abort", () => resolve("late"), { once: true });
  });
  // Not `for await`, which would end the stream below together with the loop, and with it the answer with the reason.
  const body = chunks[Symbol.asyncIterator]();
  for (;;) {
    let next: IteratorResult<Bytes> | "late";
    try {
      next = await Promise.race([body.next(), lateness]);
    } catch {
      return new Refusal("CANCELED", { message: "the body ended too early" });
    }
    if (next === "late") return new Refusal("BODY_TIMEOUT", { message: "the body did not come" });
    if (next.done === true) return concatBytes(...parts);
    parts.push(next.value);
    length += next.value.length;
    if (length > most) return tooLarge(bytesMax);
    // Refused at once, not when that many bytes have arrived.
    if (isEnveloped && claimedLength(parts) > bytesMax) return tooLarge(bytesMax);
  }
}

/** The length of the first message; 0 while it is unknown. */
function claimedLength(parts: readonly Bytes[]): number {
  const [first] = parts;
  if (first === undefined) return 0;
  const head = first.length >= ENVELOPE_BYTES ? first : concatBytes(...parts.slice(0, 5));
  return head.length < ENVELOPE_BYTES ? 0 : lengthIn(head);
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
