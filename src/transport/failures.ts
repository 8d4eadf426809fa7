/** A handler that throws what is no refusal has failed: the node is told why, the caller only that. */
import type { Interceptor } from "@connectrpc/connect";
import { internalError, isConnectError } from "./errors.ts";

export function reportFailures(onFailure: (error: unknown) => void): Interceptor {
  return (next) => async (request) => {
    try {
      return await next(request);
    } catch (error) {
      if (isConnectError(error)) throw error;
      onFailure(error);
      throw internalError();
    }
  };
}
