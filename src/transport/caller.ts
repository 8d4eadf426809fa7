/** Who calls: the member at the other end of a peer link, as the listener proved it, handed to the services. */
import {
  type ContextValues,
  createContextKey,
  createContextValues,
  type HandlerContext,
  type Interceptor,
} from "@connectrpc/connect";
import type { ValidatorIndex } from "../primitives/numbers.ts";
import { toConnectError } from "./errors.ts";
import { Refusal } from "./refusal.ts";

const callerKey = createContextKey<ValidatorIndex | undefined>(undefined, {
  description: "the member that calls",
});

export function callerOf(context: Pick<HandlerContext, "values">): ValidatorIndex | undefined {
  return context.values.get(callerKey);
}

/** Throws what a stranger is told. */
export function requireCaller(context: Pick<HandlerContext, "values">): ValidatorIndex {
  const caller = callerOf(context);
  if (caller !== undefined) return caller;
  const message = "only a member of the network, proved by its peer certificate, may call this";
  throw toConnectError(new Refusal("NOT_A_MEMBER", { message }));
}

export function callerValues(caller: ValidatorIndex | undefined): ContextValues {
  return createContextValues().set(callerKey, caller);
}

/** For services wired in one process, where no certificate proves anything: every call is `caller`'s. */
export function asCaller(caller: ValidatorIndex): Interceptor {
  return (next) => (request) => {
    request.contextValues.set(callerKey, caller);
    return next(request);
  };
}
