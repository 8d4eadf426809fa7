/** A peer that answers the first call of a connection by frames of HTTP/2 (RFC 9113) as a test writes them. */
import type { Socket } from "node:net";

export const FRAME = { data: 0, headers: 1, reset: 3, settings: 4 } as const;
export const END_STREAM = 1;
const ACKNOWLEDGED = 1;
const END_HEADERS = 4;
/** The client's first stream. */
const STREAM = 1;
const PREFACE_BYTES = 24;
const HEAD_BYTES = 9;

/** RFC 9113 section 4.1. */
export function frame(type: number, flags: number, stream: number, body: Buffer): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUIntBE(body.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, body]);
}

/** A frame of the answer's body. */
export function dataFrame(body: Buffer, flags = 0): Buffer {
  return frame(FRAME.data, flags, STREAM, body);
}

export interface RawAnswer {
  readonly contentType?: string;
  /** Frames. */
  readonly body: Buffer;
}

/** Writes the answer once the call has come; gives the types of all frames that the client sends to `seen`. */
export function answerCall(
  socket: Socket,
  { contentType = "application/proto", body }: RawAnswer,
  seen?: (types: number[]) => void,
): void {
  socket.on("error", () => undefined);
  socket.write(frame(FRAME.settings, 0, 0, Buffer.alloc(0)));
  socket.write(frame(FRAME.settings, ACKNOWLEDGED, 0, Buffer.alloc(0)));
  // RFC 7541: ":status: 200" is entry 8 of the table, and the name "content-type" entry 31.
  const head = Buffer.of(0x88, 0x0f, 0x10, contentType.length);
  const block = Buffer.concat([head, Buffer.from(contentType)]);
  let received = Buffer.alloc(0);
  let isAnswered = false;
  socket.on("data", (chunk) => {
    received = Buffer.concat([received, chunk]);
    const types = frameTypes(received);
    seen?.(types);
    if (isAnswered || !types.includes(FRAME.headers)) return;
    isAnswered = true;
    socket.write(frame(FRAME.headers, END_HEADERS, STREAM, block));
    socket.write(body);
  });
}

/** Of all whole frames. */
function frameTypes(received: Buffer): number[] {
  const types: number[] = [];
  for (let at = PREFACE_BYTES; at + HEAD_BYTES <= received.length; ) {
    types.push(received.readUInt8(at + 3));
    at += HEAD_BYTES + received.readUIntBE(at, 3);
  }
  return types;
}
