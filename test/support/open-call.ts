// A call of the one principal of an open listener, without a deadline.
import { OPEN_CALLER } from "../../src/access/principal.ts";
import type { CallContext } from "../../src/transport/ledger-api.ts";

export function openCall(): CallContext {
  return {
    caller: OPEN_CALLER,
    signal: new AbortController().signal,
    countedAs: "a client",
    timeLeftMs: undefined,
  };
}
