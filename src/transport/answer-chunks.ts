/**
 * The bytes of an answer on an HTTP/2 stream, as they arrive. Node's own iterator treats a closed stream as cut off
 * even if its bytes are still unread (Node 24.21, "Premature close"): a busy process often gets an answer and its end
 * in one piece, before anything reads it.
 */
import type { ClientHttp2Stream } from "node:http2";
import type { Bytes } from "../primitives/bytes.ts";

const NEWS = ["readable", "end", "error", "close"] as const;

/** Throws the error that ended the stream early. A reader that leaves also ends the stream. */
export async function* answerChunks(stream: ClientHttp2Stream): AsyncGenerator<Bytes> {
  let wake = (): void => undefined;
  const onNews = (): void => wake();
  for (const event of NEWS) stream.on(event, onNews);
  try {
    for (;;) {
      const chunk: Bytes | null = stream.destroyed ? null : stream.read();
      if (chunk !== null) yield chunk;
      else if (stream.errored !== null) throw stream.errored;
      else if (stream.readableEnded) return;
      else if (stream.destroyed) throw new CutOff();
      else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } finally {
    for (const event of NEWS) stream.off(event, onNews);
    if (!stream.readableEnded) stream.destroy();
  }
}

/** Its code is Node's own, which connect-node knows. */
class CutOff extends Error {
  override readonly name = "CutOff";
  readonly code = "ERR_STREAM_PREMATURE_CLOSE";

  constructor() {
    super("the answer was cut off");
  }
}
