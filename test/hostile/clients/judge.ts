/**
 * Judges the answers to hostile requests: none succeeds without the right to its call, none is an internal error or lacks a reason,
 * and none holds a stack, a path of the machine, or a secret.
 */
import type { Message } from "@bufbuild/protobuf";
import { Code, type ConnectError } from "@connectrpc/connect";
import {
  FOREIGN_WALLETS,
  hasForms,
  missingScope,
  type Needs,
  needsOfCall,
  PAGE_SCOPES,
} from "../../../src/access/call-scopes.ts";
import { scopeSet } from "../../../src/access/scope.ts";
import { LIMITS } from "../../../src/primitives/limits.ts";
import { readRefusal } from "../../../src/transport/errors.ts";
import { ROOT } from "../../support/guarded-process.ts";
import type { SecretSearch } from "../../support/secret-search.ts";
import { errorIn, type Told } from "../../support/told.ts";
import type { Exchange } from "./exchange.ts";
import type { HostileRequest } from "./requests.ts";

export interface Verdict {
  /** "answered", the reason of a refusal, "page", "cut off" or "connection lost". */
  readonly outcome: string;
  readonly fault: string | undefined;
}

/** No answer may hold these: frames of a stack, and paths of this machine. */
const INSIDE = /\n\s+at |node:internal|file:\/\/|node_modules|\.ts:\d+:\d+/;

export class Judge {
  readonly #secrets: SecretSearch;
  readonly #paths: readonly string[];

  /** `home`: the folder of the network. */
  constructor(secrets: SecretSearch, home: string) {
    this.#secrets = secrets;
    this.#paths = [ROOT, home];
  }

  judge(request: HostileRequest, { told, lost }: Exchange): Verdict {
    if (told.status === 0) {
      const outcome = lost ? "connection lost" : "cut off";
      const isOwnDoing = lost || request.end === "reset" || !isReadable(request);
      return { outcome, fault: isOwnDoing ? undefined : "cut off without an answer" };
    }
    // RFC 9110 section 9.3.2: it has no body, so no reason.
    if (request.verb === "HEAD" && told.status !== 200)
      return { outcome: "HEAD", fault: undefined };
    // A caller that is refused on and on loses its connection, with the answers that are on their way.
    const isCut = lost && isShort(told);
    const error = isCut ? undefined : errorIn(told);
    const leak = this.#leakIn(request, told, error);
    if (isCut) return { outcome: "connection lost", fault: leak };
    if (error !== undefined) return { outcome: reasonOf(error), fault: leak ?? errorFault(error) };
    if (isPage(request)) return { outcome: "page", fault: leak ?? rightsFault(request, told) };
    if (told.status !== 200)
      return { outcome: `${told.status}`, fault: `${told.status} without an error` };
    const fault = leak ?? rightsFault(request, told);
    return { outcome: "answered", fault: fault && `${fault}: ${answerText(told)}` };
  }

  #leakIn(
    { credential }: HostileRequest,
    { head, trailer, body }: Told,
    error: ConnectError | undefined,
  ): string | undefined {
    const headers = [...head, ...trailer].flat().join("\n");
    const refusal = error === undefined ? "" : JSON.stringify([error.message, readRefusal(error)]);
    const text = `${headers}\n${body.toString("latin1")}\n${refusal}`;
    // Its operator learns from a node which files it uses.
    return this.leakInText(text, credential.scopes.includes("operate"));
  }

  /** `text`: bytes as latin1. */
  leakInText(text: string, mayNamePaths = false): string | undefined {
    const [name] = this.#secrets.namesIn(Buffer.from(text, "latin1"));
    if (name !== undefined) return `the answer holds ${name}`;
    if (INSIDE.test(text)) return "the answer holds a part of the program";
    const hasPath = !mayNamePaths && this.#paths.some((path) => text.includes(path));
    return hasPath ? "the answer holds a path" : undefined;
  }
}

/** The connection ended before the body that the head announced. */
function isShort({ head, body }: Told): boolean {
  return body.length < Number(head.get("content-length") ?? 0);
}

function answerText({ head, trailer, body }: Told): string {
  return JSON.stringify({
    head: [...head],
    trailer: [...trailer],
    body: body.subarray(0, 200).toString("base64"),
  });
}

function reasonOf(error: ConnectError): string {
  return readRefusal(error)?.reason ?? `code ${error.code}`;
}

function errorFault(error: ConnectError): string | undefined {
  const reason = readRefusal(error)?.reason;
  if (reason === undefined) return `no reason: ${error.message}`;
  const isOurs =
    reason === "INTERNAL" || error.code === Code.Internal || error.code === Code.Unknown;
  return isOurs ? error.message : undefined;
}

/** RFC 9113 section 10.5.1. */
const FIELD_BYTES = 32;
/** The method, the scheme and the authority. */
const PSEUDO_HEADERS_BYTES = 200;

/** Calls that read one wallet. Of the credentials with scopes here, none owns a wallet that it may read. */
const READS: ReadonlySet<string> = new Set(["getWallet", "getReceipt", "listEntries", "subscribe"]);
const WALLET_ID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/;

function rightsFault(request: HostileRequest, told: Told): string | undefined {
  const { call, credential } = request;
  const caller = { principal: "any", scopes: scopeSet(credential.scopes) };
  const isAllowed = neededBy(request).some((needs) => missingScope(caller, needs) === undefined);
  if (isAllowed) return undefined;
  const { reads } = credential;
  if (reads === undefined || !READS.has(call.localName)) return `${credential.name} succeeded`;
  // A payment between the own wallet and another one names both.
  const text = told.body.toString("latin1");
  const isOwn = text.includes(reads) || !WALLET_ID.test(text);
  return isOwn ? undefined : `${credential.name} read another wallet`;
}

/** The scopes of every form that the request may have. */
function neededBy({ call, intact, target }: HostileRequest): Needs[] {
  const page = PAGE_SCOPES[target];
  if (page !== undefined) return [page];
  const needs = needsOfCall(call.parent.typeName, call.localName);
  if (needs === undefined) return [];
  if (READS.has(call.localName)) return [[FOREIGN_WALLETS]];
  if (!hasForms(needs)) return [needs];
  const form = intact === undefined ? undefined : formOf(intact);
  return form === undefined ? Object.values(needs) : [needs[form] ?? []];
}

/** The form of a request as docs/access.md describes it. */
function formOf(request: Message): string {
  const fields = request as Message & Readonly<Record<string, unknown>>;
  if (request.$typeName.endsWith("ListWalletsRequest"))
    return fields["all"] === true ? "all" : "own";
  const isGiven = (name: string) => ((fields[name] as Uint8Array | undefined)?.length ?? 0) > 0;
  if (isGiven("signature")) return "signed";
  if (!request.$typeName.endsWith("WalletCreationRequest")) return "custodial";
  if (fields["initialBalance"] === 0n) return "custodial";
  return isGiven("publicKey") ? "issued" : "issuedCustodial";
}

function isPage({ target }: HostileRequest): boolean {
  return Object.hasOwn(PAGE_SCOPES, target);
}

/** HTTP/2 ends the stream of a target that is no path (RFC 9113 section 8.3.1), and of a head that is too large. */
function isReadable({ target, headers }: HostileRequest): boolean {
  const fields = [[":path", target], ...headers].map(([name = "", value = ""]) => {
    return name.length + value.length + FIELD_BYTES;
  });
  const size = fields.reduce((sum, bytes) => sum + bytes, PSEUDO_HEADERS_BYTES);
  const isPath = target.startsWith("/") && !target.includes("#");
  return isPath && size <= LIMITS.requestHeadBytesMax;
}
