/** A handler that throws what is no refusal has failed: the node is told why, the caller only that. */
import type { Interceptor } from "@connectrpc/connect";
import { internalError, isConnectError, toConnectError, withDetail } from "./errors.ts";
import { Refusal } from "./refusal.ts";

export function reportFailures(onFailure: (error: unknown) => void): Interceptor {
  return (next) => async (request) => {
    try {
      return await next(request);
    } catch (error) {
      // What Connect itself refuses in the middle of a stream is given its reason here.
      if (isConnectError(error)) throw withDetail(error);
      if (isCutOff(error))
        throw toConnectError(new Refusal("CANCELED", { message: error.message }));
      onFailure(error);
      throw internalError();
    }
  };
}

/** What Node says of a body whose sender went away in the middle of it. */
const CUT_OFF: ReadonlySet<unknown> = new Set(["ERR_STREAM_PREMATURE_CLOSE", "ECONNRESET"]);

/** The caller is gone, as Connect says it or as Node does: nobody's failure. */
export function isCutOff(error: unknown): error is Error {
  if (isConnectError(error)) return true;
  return error instanceof Error && "code" in error && CUT_OFF.has(error.code);
}
