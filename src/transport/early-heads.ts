/**
 * Bounds the head of a request, and its trailers, on a connection whose client has not acknowledged the settings of this node. Node
 * holds a client to `maxHeaderListSize` only from then on; before, one head may be many times as large, and a client need never
 * acknowledge.
 */
import { constants } from "node:http2";
import { LIMITS } from "../primitives/limits.ts";
import type { HttpHandler } from "./http-adapter.ts";

/** RFC 9113 section 6.5.2: what a field counts for beside its name and its value, bytes. */
const FIELD_BYTES = 32;

export function boundEarlyHeads(handler: HttpHandler): HttpHandler {
  return (request, response) => {
    if (!("stream" in request) || request.stream.session?.pendingSettingsAck !== true) {
      handler(request, response);
      return;
    }
    const { stream } = request;
    // As Node ends a stream whose head is too large later.
    const end = () => stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM);
    if (isTooLarge(request.rawHeaders)) {
      end();
      return;
    }
    stream.once("trailers", (_trailers, _flags, raw?: readonly string[]) => {
      if (isTooLarge(raw ?? [])) end();
    });
    handler(request, response);
  };
}

/** `raw`: names and values in turn. */
function isTooLarge(raw: readonly string[]): boolean {
  const text = raw.reduce((sum, part) => sum + part.length, 0);
  return text + (raw.length / 2) * FIELD_BYTES > LIMITS.requestHeadBytesMax;
}
