/** Reads the question of a call that the listener answers itself: the one message in the body of a POST, or in the query of a GET. */
import { create, type Message } from "@bufbuild/protobuf";
import { acceptedCodings, type Coding, readCoding } from "./compression.ts";
import { deadlineHeaderOf, readDeadline } from "./deadline-header.ts";
import { codingHeadersOf, type Dialect } from "./dialect.ts";
import { readQuery } from "./get-query.ts";
import type { HttpRequest } from "./http-adapter.ts";
import { Refusal } from "./refusal.ts";
import { messageOf, readUnaryBody } from "./unary-body.ts";
import {
  checkAccept,
  dialectOf,
  formOf,
  type Incoming,
  notPlain,
  notWhole,
  type ReadBounds,
} from "./universal-call.ts";

export interface Question {
  readonly dialect: Dialect;
  readonly message: Message;
  /** The coding that a large answer may have. */
  readonly answerCoding: Coding | undefined;
  /** The time that the caller waits, milliseconds; undefined if it names none. */
  readonly timeLeftMs: number | undefined;
}

type Head = Omit<Question, "message">;

export async function readQuestion(
  incoming: Incoming,
  bounds: ReadBounds,
): Promise<Question | Refusal> {
  const { request, route, bodyDigest } = incoming;
  if (request.method === "GET") return await readGet(incoming, bounds);
  const dialect = dialectOf(incoming, bounds);
  if (dialect instanceof Refusal) return dialect;
  const head = readHead(request, dialect, bounds);
  if (head instanceof Refusal) return head;
  const { request: name } = codingHeadersOf(dialect);
  const coding = readCoding({ name, value: headerOf(request, name) }, bounds.codings);
  if (coding instanceof Refusal) return coding;
  const form = { dialect, coding, bodyDigest, ...formOf(incoming, bounds) };
  const checked = await readUnaryBody(request, form, incoming.time);
  if (checked instanceof Refusal) return checked;
  const message = messageOf(checked, route.method.input);
  return message instanceof Refusal ? message : { ...head, message };
}

async function readGet(incoming: Incoming, bounds: ReadBounds): Promise<Question | Refusal> {
  const { request, route, query, bodyDigest } = incoming;
  if (bodyDigest !== undefined) return notWhole();
  const { input } = route.method;
  const isJson = route.plain || new URLSearchParams(query).get("encoding") !== "proto";
  const head = readHead(request, isJson ? "json" : "proto", bounds);
  if (head instanceof Refusal) return head;
  if (route.plain) return query === "" ? { ...head, message: create(input) } : notPlain();
  const checked = await readQuery(query, formOf(incoming, bounds), bounds.codings);
  if (checked instanceof Refusal) return checked;
  const message = messageOf(checked, input);
  return message instanceof Refusal ? message : { ...head, message };
}

export function readHead(
  request: HttpRequest,
  dialect: Dialect,
  { codings }: ReadBounds,
): Head | Refusal {
  const unacceptable = checkAccept(request, dialect);
  if (unacceptable !== undefined) return unacceptable;
  const timeLeftMs = readDeadline(headerOf(request, deadlineHeaderOf(dialect)), dialect);
  if (timeLeftMs instanceof Refusal) return timeLeftMs;
  const { request: sent, accept } = codingHeadersOf(dialect);
  const accepted = headerOf(request, accept) ?? headerOf(request, sent);
  const [answerCoding] = accepted === undefined ? [] : acceptedCodings(accepted, codings);
  return { dialect, answerCoding: answerCoding as Coding | undefined, timeLeftMs };
}

/** Node joins the values of a header that is given several times, as RFC 9110 section 5.3 says. */
export function headerOf({ headers }: HttpRequest, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value.join(", ") : value;
}
