/**
 * Frames of HTTP/2 (RFC 9113 section 4.1) and the heads of calls (HPACK, RFC 7541), as far as a caller needs them that sends the same
 * few fields with each call and of an answer's head reads the status alone.
 */

export const FRAME = {
  data: 0,
  headers: 1,
  reset: 3,
  settings: 4,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;
/** Of settings and pings, and of what a stream sends. */
export const FLAG = {
  acknowledged: 1,
  endStream: 1,
  endHeaders: 4,
  padded: 8,
  priority: 32,
} as const;
/** RFC 9113 section 4.2: the longest payload, unless a longer one is agreed on. */
export const FRAME_BYTES_MAX = 16_384;
/** RFC 7541 section 4.2: bytes of fields that the server's table holds, unless it says otherwise. */
export const TABLE_BYTES = 4_096;
const FIELD_BYTES = 32;
/** RFC 9113 section 6.5.2. */
export const SETTING = {
  headerTableSize: 1,
  enablePush: 2,
  concurrentStreamsMax: 3,
  initialWindowSize: 4,
} as const;
export const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

const HEAD_BYTES = 9;
const SETTING_BYTES = 6;

/** The other side broke the protocol, or used a part of it that this reader does not know. */
export class UnreadAnswer extends Error {}

export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

export function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const bytes = Buffer.allocUnsafe(HEAD_BYTES + payload.length);
  bytes.writeUIntBE(payload.length, 0, 3);
  bytes[3] = type;
  bytes[4] = flags;
  bytes.writeUInt32BE(stream, 5);
  payload.copy(bytes, HEAD_BYTES);
  return bytes;
}

/** The payload of SETTINGS. */
export function settingsPayload(settings: readonly (readonly [number, number])[]): Buffer {
  const bytes = Buffer.alloc(SETTING_BYTES * settings.length);
  for (const [i, [id, value]] of settings.entries()) {
    bytes.writeUInt16BE(id, SETTING_BYTES * i);
    bytes.writeUInt32BE(value, SETTING_BYTES * i + 2);
  }
  return bytes;
}

export function* readSettings(payload: Buffer): Generator<readonly [id: number, value: number]> {
  for (let at = 0; at + SETTING_BYTES <= payload.length; at += SETTING_BYTES) {
    yield [payload.readUInt16BE(at), payload.readUInt32BE(at + 2)];
  }
}

/** Cuts what arrives into frames. */
export class FrameReader {
  #held: Buffer = Buffer.alloc(0);

  /** The whole frames up to here; their payloads are parts of `chunk` or of a copy. */
  *read(chunk: Buffer): Generator<Frame> {
    let held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    while (held.length >= HEAD_BYTES) {
      const length = held.readUIntBE(0, 3);
      if (length > FRAME_BYTES_MAX) throw new UnreadAnswer(`a frame of ${length} bytes`);
      const end = HEAD_BYTES + length;
      if (held.length < end) break;
      const [type, flags] = [held.readUInt8(3), held.readUInt8(4)];
      const stream = held.readUInt32BE(5) & 0x7fff_ffff;
      yield { type, flags, stream, payload: held.subarray(HEAD_BYTES, end) };
      held = held.subarray(end);
    }
    this.#held = held;
  }
}

const [METHOD_POST, SCHEME_HTTPS] = [0x83, 0x87];
const [LITERAL_PATH, INDEXED_AUTHORITY, INDEXED_NEW_NAME] = [0x04, 0x41, 0x40];
const FIRST_DYNAMIC_INDEX = 62;

/**
 * The heads of the calls on one connection. The first enters all fields but the path into the server's table; later ones name
 * them by their places there.
 */
export class RequestHeads {
  readonly #authority: string;
  readonly #fields: readonly (readonly [name: string, value: string])[];
  #areEntered = false;

  /** Names in lower case. */
  constructor(authority: string, fields: Readonly<Record<string, string>>) {
    this.#authority = authority;
    this.#fields = Object.entries(fields);
    const entered = [[":authority", authority], ...this.#fields].flat();
    const bytes = entered.reduce((sum, text) => sum + text.length + FIELD_BYTES, 0);
    if (bytes > TABLE_BYTES) throw new Error("the fields of a call are too long");
  }

  /** The header block of a POST; to be sent in the order in which they are made. */
  post(path: string): Buffer {
    const named = [Buffer.of(LITERAL_PATH), hpackString(path)];
    const begin = Buffer.of(METHOD_POST, SCHEME_HTTPS);
    if (this.#areEntered) {
      const last = FIRST_DYNAMIC_INDEX + this.#fields.length;
      const indexes = this.#fields.map((_, i) => 0x80 | (last - 1 - i));
      return Buffer.concat([begin, Buffer.of(0x80 | last), ...named, Buffer.from(indexes)]);
    }
    this.#areEntered = true;
    const authority = [Buffer.of(INDEXED_AUTHORITY), hpackString(this.#authority)];
    const fields = this.#fields.flatMap(([name, value]) => {
      return [Buffer.of(INDEXED_NEW_NAME), hpackString(name), hpackString(value)];
    });
    return Buffer.concat([begin, ...authority, ...named, ...fields]);
  }
}

/** RFC 7541 section 5.2, without Huffman's code. */
function hpackString(text: string): Buffer {
  const bytes = Buffer.from(text, "latin1");
  const length: number[] = [];
  let rest = bytes.length;
  if (rest < 0x7f) length.push(rest);
  else {
    length.push(0x7f);
    for (rest -= 0x7f; rest >= 0x80; rest >>= 7) length.push(0x80 | (rest & 0x7f));
    length.push(rest);
  }
  return Buffer.concat([Buffer.from(length), bytes]);
}

/** RFC 7541 appendix A, places 8 to 14. */
const STATUSES = [200, 204, 206, 304, 400, 404, 500];
const STATUS_PLACE = 8;
/** A field with the name at `STATUS_PLACE`: kept in the table, not kept, never kept (RFC 7541 section 6.2). */
const LITERAL_STATUS: ReadonlySet<number> = new Set([0x48, 0x08, 0x18]);

/** The status in the header block of an answer, whose first field it is (RFC 9113 section 8.3); the server's table is empty. */
export function statusOf(block: Buffer): number {
  // The change of the table's size to 0 may come first (RFC 7541 section 6.3).
  const at = block[0] === 0x20 ? 1 : 0;
  const first = block[at] ?? 0;
  const known = STATUSES[(first & 0x7f) - STATUS_PLACE];
  if ((first & 0x80) !== 0 && known !== undefined) return known;
  const length = block[at + 1] ?? 0;
  const value = block.subarray(at + 2, at + 2 + (length & 0x7f));
  const digits = (length & 0x80) === 0 ? value.toString("latin1") : huffmanDigits(value);
  if (!LITERAL_STATUS.has(first) || !/^\d{3}$/.test(digits)) {
    throw new UnreadAnswer(`an answer begins with ${block.subarray(0, 8).toString("hex")}`);
  }
  return Number(digits);
}

/** RFC 7541 appendix B: 0, 1 and 2 have five bits, the other digits six, from 3 at 011001 on. Other characters end the text. */
function huffmanDigits(bytes: Buffer): string {
  let bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  let digits = "";
  for (;;) {
    const [five, six] = [
      Number.parseInt(bits.slice(0, 5), 2),
      Number.parseInt(bits.slice(0, 6), 2),
    ];
    if (bits.length >= 5 && five <= 2) {
      digits += `${five}`;
      bits = bits.slice(5);
    } else if (bits.length >= 6 && six >= 0b011001 && six <= 0b011111) {
      digits += `${six - 0b011001 + 3}`;
      bits = bits.slice(6);
    } else return digits;
  }
}
