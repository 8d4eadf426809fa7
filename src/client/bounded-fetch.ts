/**
 * The browser's `fetch` as a transport needs it: an answer has a largest size, a connection that could not be made or has ended is told
 * from other failures, and all calls can be ended at once.
 */

export interface FetchBounds {
  /** The largest answer, bytes. A stream is not bounded as a whole: its reader may take it as long as it likes. */
  readonly answerBytesMax: number;
  /** Ends every call. */
  readonly end: AbortSignal;
}

/** A call that ends with it is unavailable (lost-calls.ts). A browser does not say why. */
class LostConnection extends Error {
  override readonly name = "LostConnection";
  readonly code = "ECONNRESET";

  constructor(cause: unknown) {
    super("the node was not reached, or the connection has ended", { cause });
  }
}

const STREAM = /^application\/(connect\+|grpc)/;

export function boundedFetch({ answerBytesMax, end }: FetchBounds): typeof fetch {
  return async (input, init) => {
    const signal = init?.signal ? AbortSignal.any([init.signal, end]) : end;
    const response = await fetch(input, { ...init, signal }).catch((error: unknown) => {
      throw named(error, signal);
    });
    if (response.body === null) return response;
    const isStream = STREAM.test(response.headers.get("content-type") ?? "");
    const bytesMax = isStream ? Number.POSITIVE_INFINITY : answerBytesMax;
    const { status, statusText, headers } = response;
    const body = readAtMost(response.body, bytesMax, signal);
    return new Response(body, { status, statusText, headers });
  };
}

function readAtMost(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  bytesMax: number,
  signal: AbortSignal,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const reader = body.getReader();
  let length = 0;
  return new ReadableStream({
    async pull(controller) {
      const { value, done } = await reader.read().catch((error: unknown) => {
        throw named(error, signal);
      });
      if (done) return controller.close();
      length += value.length;
      if (length > bytesMax) {
        const tooLarge = new RangeError(`the answer has more than ${bytesMax} bytes`);
        await reader.cancel(tooLarge);
        throw tooLarge;
      }
      controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

/** A failure of the network is a TypeError (WHATWG Fetch); what the caller ended itself stays as it is. */
function named(error: unknown, signal: AbortSignal): unknown {
  return error instanceof TypeError && !signal.aborted ? new LostConnection(error) : error;
}
