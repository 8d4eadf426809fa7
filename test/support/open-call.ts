// A call of the one principal of an open listener, without a deadline.
import { type CallContext, OPEN_PRINCIPAL } from "../../src/transport/ledger-api.ts";

export function openCall(): CallContext {
  return {
    principal: OPEN_PRINCIPAL,
    signal: new AbortController().signal,
    countedAs: "a client",
    timeLeftMs: undefined,
  };
}
