/**
 * The bytes of an answer on an HTTP/2 stream, as they arrive. Node's own iterator treats a closed stream as cut off
 * even if its bytes are still unread (Node 24.21, "Premature close"): a busy process often gets an answer and its end
 * in one piece, before anything reads it.
 */
import type { ClientHttp2Stream } from "node:http2";
import type { Bytes } from "../primitives/bytes.ts";
/** Throws the error that ended the stream early. A reader that leaves also ends the stream. */
export declare function answerChunks(stream: ClientHttp2Stream): AsyncGenerator<Bytes>;
