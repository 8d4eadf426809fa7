/** HTTP/2 frames byte by byte (RFC 9113 section 4), over a TLS connection, for what no client library would send. */

export const FRAME = {
  data: 0,
  headers: 1,
  priority: 2,
  reset: 3,
  settings: 4,
  push: 5,
  ping: 6,
  goaway: 7,
  window: 8,
  continuation: 9,
} as const;

export const FLAG = { none: 0, endStream: 1, endHeaders: 4 } as const;

const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

export interface Frame {
  readonly type: number;
  readonly flags?: number;
  readonly stream?: number;
  readonly payload?: Uint8Array;
  /** The length that the frame claims, if it lies. */
  readonly claims?: number;
}

export function frame({ type, flags = 0, stream = 0, payload = Buffer.alloc(0), claims }: Frame) {
  const head = Buffer.alloc(9);
  head.writeUIntBE(claims ?? payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** The preface and empty settings, with which every connection begins. */
export const BEGINNING: Buffer = Buffer.concat([PREFACE, frame({ type: FRAME.settings })]);

/** Fields without compression (RFC 7541 section 6.2.2); `indexed` keeps them in the table of the other side. */
export function fields(
  list: readonly (readonly [name: string, value: string])[],
  { indexed = false }: { readonly indexed?: boolean } = {},
): Buffer {
  return Buffer.concat(
    list.flatMap(([name, value]) => [Buffer.from([indexed ? 0x40 : 0]), text(name), text(value)]),
  );
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, "latin1");
  return Buffer.concat([integer(bytes.length, 7), bytes]);
}

/** RFC 7541 section 5.1. */
export function integer(value: number, prefixBits: number): Buffer {
  const max = 2 ** prefixBits - 1;
  if (value < max) return Buffer.from([value]);
  const bytes = [max];
  let rest = value - max;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Buffer.from([...bytes, rest]);
}
