/**
 * The one place where a call is let in: it finds out who calls, counts the call, and holds the caller's scopes against the
 * table (src/access/call-scopes.ts), before the body is read. A call whose needs depend on its request goes in with its caller
 * alone; the service names the form, and no other way leads to the caller.
 */
import type { Socket } from "node:net";
import type { DescMethod } from "@bufbuild/protobuf";
import { createContextKey, type HandlerContext, type Interceptor } from "@connectrpc/connect";
import { LedgerService } from "../../gen/countersign/v1/ledger_service_pb.ts";
import type { OperatorService } from "../../gen/countersign/v1/operator_service_pb.ts";
import type { PeerService } from "../../gen/countersign/v1/peer_service_pb.ts";
import { Health } from "../../gen/grpc/health/v1/health_pb.ts";
import type { ServerReflection } from "../../gen/grpc/reflection/v1/reflection_pb.ts";
import {
  CALL_SCOPES,
  type CallNeeds,
  hasForms,
  missingScope,
  type Needs,
  needsOfCall,
  PAGE_SCOPES,
  PROBE_PAGES,
} from "../access/call-scopes.ts";
import {
  anonymousCaller,
  type Caller,
  isAnonymous,
  isNameless,
  isWallet,
  type Principal,
} from "../access/principal.ts";
import type { Scope } from "../access/scope.ts";
import { assert } from "../primitives/assert.ts";
import { LIMITS } from "../primitives/limits.ts";
import type { Authenticator, IdentifiedCaller } from "./authenticator.ts";
import { type CallBounds, callerPrefix } from "./call-bounds.ts";
import { clientValues, markStream } from "./caller.ts";
import type { CallerBounds, CountedBy } from "./caller-bounds.ts";
import { callerCertificate } from "./caller-certificate.ts";
import { cut, isGone } from "./exchange.ts";
import type { Admission, HttpRequest, PageName, Wanted } from "./http-adapter.ts";
import type { OrderRoom } from "./order-room.ts";
import { Refusal } from "./refusal.ts";
import { startTimer } from "./timers.ts";
import { readTraceParent } from "./trace-parent.ts";
import { answerStreamOn } from "./unread-answers.ts";

/** The rows that the transport needs; without one of them this does not compile. */
interface ServedCalls {
  readonly "countersign.v1.LedgerService": Record<keyof typeof LedgerService.method, CallNeeds>;
  readonly "countersign.v1.PeerService": Record<
    keyof Pick<typeof PeerService.method, "register" | "verification">,
    CallNeeds
  >;
  readonly "countersign.v1.OperatorService": Record<keyof typeof OperatorService.method, Needs>;
  readonly "grpc.health.v1.Health": Record<keyof typeof Health.method, CallNeeds>;
  readonly "grpc.reflection.v1.ServerReflection": Record<
    keyof typeof ServerReflection.method,
    CallNeeds
  >;
}

const ROWS = CALL_SCOPES satisfies ServedCalls;
type LedgerRows = (typeof ROWS)["countersign.v1.LedgerService"];
/** The forms of a call, or nothing to say where it has only one. */
type FormOf<Call extends keyof LedgerRows> = LedgerRows[Call] extends Needs
  ? []
  : [form: keyof LedgerRows[Call]];

const callerKey = createContextKey<Caller | undefined>(undefined, { description: "who calls" });

/** Calls with large answers, which are few at a time. */
const LISTS: ReadonlySet<Wanted> = new Set([
  LedgerService.method.listEntries,
  LedgerService.method.listBlocks,
  LedgerService.method.getBlock,
  LedgerService.method.listTransactions,
  LedgerService.method.listWallets,
]);

/** Asked by load balancers and the like, which show no credential and would take the node out of service for a refusal. */
function isProbe(wanted: Wanted): boolean {
  if (wanted === "preflight") return false;
  if ("page" in wanted) return PROBE_PAGES.has(wanted.page);
  return wanted.parent === Health;
}

/** Calls that wait for the network. */
const ORDERS: ReadonlySet<Wanted> = new Set([
  LedgerService.method.walletCreation,
  LedgerService.method.transaction,
  LedgerService.method.cancelTransaction,
]);

/** Calls that last. */
const STREAMS: ReadonlySet<Wanted> = new Set([LedgerService.method.subscribe]);

type AdmittedContext = Pick<HandlerContext, "values" | "service" | "method">;

export interface CallGateOptions {
  readonly authenticator: Authenticator;
  readonly bounds: CallerBounds;
  /**
   * A valid credential of this principal was shown on the connection; called until it gives no refusal. A refusal is the
   * answer to the call: the principal has too many connections.
   */
  readonly onCredential?: (socket: Socket, principal: Principal) => Refusal | undefined;
}

export class CallGate {
  readonly #options: CallGateOptions;

  /** Connections on which a valid credential was shown. */
  readonly #proved = new WeakSet<object>();
  /** By connection: the caller of the newest order, and the valid credential that it showed. */
  readonly #ordering = new WeakMap<object, { as: string; authorization: string | undefined }>();

  constructor(options: CallGateOptions) {
    this.#options = options;
  }

  async admit(request: HttpRequest, wanted: Wanted): Promise<Admission | Refusal> {
    const needs = needsOfWanted(wanted);
    const address = callerPrefix(request.socket);
    const caller: IdentifiedCaller | Refusal = isForEveryone(needs)
      ? anonymousCaller([])
      : await this.#authenticate(request, address, nameOf(wanted));
    const counted = countOf(caller, address);
    // No operator can revoke a wallet's key, so its connection keeps its place among the strangers.
    const crowded = counted.by === "calls" ? this.#prove(request, counted.as) : undefined;
    if (!(caller instanceof Refusal)) this.#noteOrder(request, counted.as, wanted);
    const end = this.#begin(request, counted, wanted);
    if (end instanceof Refusal) return end;
    if (caller instanceof Refusal) {
      end(false);
      return caller;
    }
    const refusal = crowded ?? refusalAtDoor(caller, needs);
    if (refusal === undefined) {
      const { bodyDigest, holdsMs } = caller;
      const trace = readTraceParent(request.headers["traceparent"]);
      const values = clientValues(counted.as, trace).set(callerKey, caller);
      const recheck = async () =>
        isGone(request) ? undefined : await this.#recheck(request, wanted, caller);
      if ("stream" in request && isStreamOfRequests(wanted)) {
        markStream(values, { answers: answerStreamOn(request.stream), recheck });
      }
      return { values, bodyDigest, end, rights: { holdsMs, recheck } };
    }
    end(false);
    return refusal;
  }

  /**
   * The refusal of an order of a caller that asked for one on this connection before, if there is no room for it now. The credential
   * is the same, and is not looked at again, even if it has been revoked since: where many are refused, each must cost little.
   */
  refusedOrder(request: HttpRequest, wanted: Wanted): Refusal | undefined {
    const { orders } = this.#options.bounds;
    const connection = connectionOf(request);
    if (orders === undefined || connection === undefined || !ORDERS.has(wanted)) return undefined;
    const last = this.#ordering.get(connection);
    if (last === undefined || last.authorization !== request.headers.authorization)
      return undefined;
    return orders.refusalFor(last.as);
  }

  #noteOrder(request: HttpRequest, as: string, wanted: Wanted): void {
    const connection = connectionOf(request);
    if (connection === undefined || !ORDERS.has(wanted)) return;
    const { authorization } = request.headers;
    this.#ordering.set(connection, { as, authorization });
  }

  /** Counts the call until its answer is read; gives the function to call then. */
  #begin(request: HttpRequest, counted: Counted, wanted: Wanted): Refusal | Admission["end"] {
    const { bounds } = this.#options;
    const endProbe = isProbe(wanted) ? bounds.probes?.begin(counted.as) : undefined;
    if (typeof endProbe === "function") return this.#holdProbe(request, counted, endProbe);
    const end = bounds[counted.by].begin(counted.as);
    const room = this.#roomFor(wanted, counted.by);
    if (end instanceof Refusal || room === undefined) return end;
    const leave = room.begin(counted.as);
    if (leave instanceof Refusal) {
      end();
      return leave;
    }
    return (hasResult) => {
      leave(hasResult);
      end();
    };
  }

  /** The further bounds of calls that wait or hold memory; undefined if there are none. */
  #roomFor(wanted: Wanted, by: CountedBy): CallBounds<string> | OrderRoom | undefined {
    const { lists, orders, streams } = this.#options.bounds;
    // A wallet's signature may place no order: it takes no place of those that may.
    if (ORDERS.has(wanted)) return by === "wallets" ? undefined : orders;
    if (STREAMS.has(wanted)) return streams?.[by];
    return LISTS.has(wanted) ? lists?.[by] : undefined;
  }

  /** The refusal if the credential of a call that lasts does not hold any more, or not for all that it did. */
  async #recheck(
    request: HttpRequest,
    wanted: Wanted,
    before: Caller,
  ): Promise<Refusal | undefined> {
    const now = await this.#authenticate(request, callerPrefix(request.socket), nameOf(wanted));
    if (now instanceof Refusal) return now;
    const lost = [...before.scopes].find((scope) => !now.scopes.has(scope));
    if (lost !== undefined) return lackingScope(now, lost);
    if (now.principal === before.principal) return undefined;
    return new Refusal("UNAUTHENTICATED", { message: "the credential is another principal's now" });
  }

  /** A probe that lasts gives its place back and takes that of another call, or is cut if there is none. */
  #holdProbe(request: HttpRequest, counted: Counted, endProbe: () => void): () => void {
    let end = endProbe;
    const stop = startTimer(LIMITS.probeMs, () => {
      endProbe();
      const other = this.#options.bounds[counted.by].begin(counted.as);
      end = other instanceof Refusal ? () => undefined : other;
      if (other instanceof Refusal) cut(request);
    });
    return () => {
      stop();
      end();
    };
  }

  #prove(request: HttpRequest, principal: Principal): Refusal | undefined {
    const connection = connectionOf(request);
    if (connection === undefined || this.#proved.has(connection)) return undefined;
    const crowded = this.#options.onCredential?.(request.socket, principal);
    if (crowded === undefined) this.#proved.add(connection);
    return crowded;
  }

  async #authenticate(
    request: HttpRequest,
    address: string,
    call: string,
  ): Promise<IdentifiedCaller | Refusal> {
    const { headers, rawHeaders } = request;
    const { authorization } = headers;
    // Of two, Node drops one.
    const count = rawHeaders.filter((name, i) => i % 2 === 0 && isAuthorization(name)).length;
    if (count > 1) {
      const message = "the request has two headers authorization";
      return new Refusal("MALFORMED", { message, field: "authorization" });
    }
    const clientCertificate = callerCertificate(request.socket);
    const shown = { authorization, clientCertificate, address, call };
    return await this.#options.authenticator.authenticate(shown);
  }
}

function isStreamOfRequests(wanted: Wanted): boolean {
  if (wanted === "preflight" || "page" in wanted) return false;
  return wanted.methodKind === "bidi_streaming" || wanted.methodKind === "client_streaming";
}

function connectionOf(request: HttpRequest): object | undefined {
  return "stream" in request ? request.stream.session : request.socket;
}

/** A listener asks this for each of its calls when it opens: a call without a row is a mistake of this program. */
export function needsOf({ parent, localName, name }: DescMethod): CallNeeds {
  const needs = needsOfCall(parent.typeName, localName);
  assert(needs !== undefined, `${parent.typeName}/${name} has a row of scopes`);
  return needs;
}

/** A preflight says nothing but the form of a call, and browsers show no credential with it. */
function needsOfWanted(wanted: Wanted): CallNeeds {
  if (wanted === "preflight") return [];
  return "page" in wanted ? needsOfPage(wanted) : needsOf(wanted);
}

function needsOfPage({ page }: PageName): Needs {
  const needs = PAGE_SCOPES[page];
  assert(needs !== undefined, `${page} has a row of scopes`);
  return needs;
}

/** The caller of a call of the ledger service, if its scopes suffice for this form of it. */
export function callerOfLedgerCall<Call extends keyof LedgerRows>(
  context: Pick<HandlerContext, "values">,
  call: Call,
  ...[form]: FormOf<Call>
): Caller | Refusal {
  const caller = context.values.get(callerKey);
  assert(caller !== undefined, "a call has come through the gate");
  const row: CallNeeds = ROWS["countersign.v1.LedgerService"][call];
  const needs = hasForms(row) ? row[String(form)] : row;
  assert(needs !== undefined, "a call has the form that it is named by");
  return refusalFor(caller, needs) ?? caller;
}

/** The caller of a call whose needs do not depend on its request: the gate has compared its scopes. */
export function admittedCaller({ values, service, method }: AdmittedContext): Caller {
  const caller = values.get(callerKey);
  assert(caller !== undefined, "a call has come through the gate");
  assert(!hasForms(needsOf(method)), `${service.typeName}/${method.name} names the form of a call`);
  return caller;
}

/** For services wired in one process, where no listener asks who calls: every call is `caller`'s. */
export function fromCaller(caller: Caller): Interceptor {
  return (next) => (request) => {
    request.contextValues.set(callerKey, caller);
    return next(request);
  };
}

/** The bounds that a call is counted by, and the text that it is counted under. */
interface Counted {
  readonly by: CountedBy;
  readonly as: string;
}

function countOf(caller: Caller | Refusal, address: string): Counted {
  if (caller instanceof Refusal || isNameless(caller)) return { by: "anonymous", as: address };
  return { by: isWallet(caller) ? "wallets" : "calls", as: caller.principal };
}

function nameOf(wanted: Wanted): string {
  if (wanted === "preflight") return wanted;
  return "page" in wanted ? wanted.page : `${wanted.parent.typeName}/${wanted.name}`;
}

function isAuthorization(name: string): boolean {
  return name.toLowerCase() === "authorization";
}

function isForEveryone(needs: CallNeeds): boolean {
  return !hasForms(needs) && needs.length === 0;
}

/** A stranger whom no form of the call is open to is refused before it may send a body. */
function refusalAtDoor(caller: Caller, needs: CallNeeds): Refusal | undefined {
  if (!hasForms(needs)) return refusalFor(caller, needs);
  if (!isAnonymous(caller)) return undefined;
  const refusals = Object.values(needs).map((form) => refusalFor(caller, form));
  return refusals.includes(undefined) ? undefined : refusals[0];
}

function refusalFor(caller: Caller, needs: Needs): Refusal | undefined {
  const scope = missingScope(caller, needs);
  if (scope === undefined) return undefined;
  if (isAnonymous(caller)) {
    const message = "this call needs a credential, and the request shows none";
    return new Refusal("UNAUTHENTICATED", { message });
  }
  return lackingScope(caller, scope);
}

function lackingScope(caller: Caller, scope: Scope): Refusal {
  const message = `${caller.principal} does not have the scope ${scope}`;
  return new Refusal("PERMISSION_DENIED", { message, metadata: { scope } });
}
