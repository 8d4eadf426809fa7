/**
 * Requests of hostile clients, drawn from a seed: a message of any call, in any encoding, whole or damaged in any layer. Every
 * request has a stream of random numbers of its own, so that it can be drawn again alone.
 */
import { brotliCompressSync, gzipSync } from "node:zlib";
import { type DescMethod, type Message, toBinary, toJsonString } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel } from "@bufbuild/protobuf/wkt";
import { PLAIN_PATHS } from "../../../src/transport/plain-paths.ts";
import type { Random } from "../../support/world/random.ts";
import { pathOf } from "./calls.ts";
import type { Credential } from "./credentials.ts";
import { damageBytes, damageHeaders, damageJson, damageTarget } from "./damage.ts";
import { drawMessage, noise, type Words } from "./messages.ts";

export type Header = readonly [name: string, value: string];

export interface HostileRequest {
  readonly credential: Credential;
  readonly call: DescMethod;
  readonly encoding: string;
  readonly verb: string;
  readonly target: string;
  readonly headers: readonly Header[];
  readonly body: Buffer;
  /** The end of the body: as it should be, or a reset of the stream in the middle. */
  readonly end: "whole" | "reset";
  /** The message, if nothing was damaged and the node serves this call in this encoding. */
  readonly intact: Message | undefined;
}

interface Encoding {
  readonly name: string;
  readonly type: string;
  readonly isJson: boolean;
  /** The header that names the coding of the message; undefined if messages have envelopes of no known protocol. */
  readonly codingHeader: string;
  readonly hasEnvelope: boolean;
  /** True if the node serves such calls so. */
  readonly serves: (call: DescMethod) => boolean;
}

const isUnary = ({ methodKind }: DescMethod) => methodKind === "unary";
const never = () => false;
const always = () => true;

function framed(type: string, serves: Encoding["serves"], isJson = false): Encoding {
  const codingHeader = type.includes("grpc") ? "grpc-encoding" : "connect-content-encoding";
  return { name: type, type, isJson, codingHeader, hasEnvelope: true, serves };
}

function bare(type: string, isJson: boolean): Encoding {
  const codingHeader = "content-encoding";
  return { name: type, type, isJson, codingHeader, hasEnvelope: false, serves: isUnary };
}

/** Those that the node does not serve are refused, and must be refused well. */
const ENCODINGS: readonly Encoding[] = [
  bare("application/json", true),
  bare("application/json; charset=utf-8", true),
  bare("application/proto", false),
  framed("application/grpc", always),
  framed("application/grpc+proto", always),
  framed("application/grpc-web", always),
  framed("application/grpc-web+proto", always),
  framed("application/connect+proto", (call) => !isUnary(call)),
  framed("application/connect+json", never, true),
  framed("application/grpc+json", never, true),
  framed("application/grpc-web-text", never),
];
const WHOLE_SHARE = 0.5;

export interface Draw {
  readonly calls: readonly DescMethod[];
  readonly credentials: readonly Credential[];
  readonly words: Words;
  /** The codings that the listener reads. */
  readonly codings: readonly string[];
}

export function drawRequest(random: Random, draw: Draw): HostileRequest {
  const [call, credential] = [random.pick(draw.calls), random.pick(draw.credentials)];
  return drawFor(random, draw, { call, credential, isWhole: random.chance(WHOLE_SHARE) });
}

/** `isWhole`: in a form that a well-meaning client might send. `given`: absent for a random message. */
export function drawFor(
  random: Random,
  draw: Draw,
  { call, credential, isWhole }: Pick<Parts, "call" | "credential" | "isWhole">,
  given?: Message,
): HostileRequest {
  const message = given ?? drawMessage(random, call.input, wordsFor(credential, draw.words));
  const isRead = call.idempotency === MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS;
  const parts = { call, credential, message, isWhole, draw };
  if (isRead && random.chance(0.2)) return asGet(random, parts);
  const plain = [...PLAIN_PATHS].find(([, { rpc }]) => rpc === call);
  if (plain !== undefined && random.chance(0.3)) return asPlain(random, plain, parts);
  return asPost(random, parts);
}

/** The own wallet often, because its owner may read it. */
function wordsFor({ reads }: Credential, { texts, bytes }: Words): Words {
  return { texts: reads === undefined ? texts : [...texts, ...texts.map(() => reads)], bytes };
}

interface Parts extends Pick<HostileRequest, "call" | "credential"> {
  readonly message: Message;
  readonly isWhole: boolean;
  readonly draw: Draw;
}

function asPost(random: Random, parts: Parts): HostileRequest {
  const { call, message, isWhole, draw } = parts;
  const encoding = random.pick(ENCODINGS);
  const hurts = (layer: number) => !isWhole && random.chance(layer);
  const written = writtenAs(random, encoding.isJson, parts);
  const coding = random.chance(0.8) ? "identity" : random.pick(["gzip", "br", ...draw.codings]);
  const packed = pack(coding, hurts(0.1) ? bomb(random) : written);
  const message1 = hurts(0.15) ? damageBytes(random, packed) : packed;
  const enveloped = encoding.hasEnvelope
    ? envelope(random, message1, { isPacked: coding !== "identity", isWhole })
    : message1;
  const body = hurts(0.1) ? damageBytes(random, enveloped) : enveloped;
  const headers: Header[] = [["content-type", encoding.type]];
  if (coding !== "identity") headers.push([encoding.codingHeader, coding]);
  if (/grpc(?!-web)/.test(encoding.type)) headers.push(["te", "trailers"]);
  const isServed = encoding.serves(call) && isRead(draw, coding);
  return finish(
    random,
    { ...parts, encoding: encoding.name, verb: "POST", target: pathOf(call) },
    {
      headers,
      body,
      intact: isWhole && isServed ? message : undefined,
    },
  );
}

function asPlain(
  random: Random,
  [path, { verb }]: [string, { readonly verb: string }],
  parts: Parts,
): HostileRequest {
  const { message, isWhole } = parts;
  const written = writtenAs(random, true, parts);
  const isGet = verb === "GET";
  return finish(
    random,
    { ...parts, encoding: "plain", verb, target: path },
    {
      headers: isGet ? [] : [["content-type", "application/json"]],
      body: isGet ? Buffer.alloc(0) : written,
      intact: isWhole ? message : undefined,
    },
  );
}

function asGet(random: Random, parts: Parts): HostileRequest {
  const { call, message, isWhole, draw } = parts;
  const isJson = random.chance(0.6);
  const coding = random.chance(0.8) ? "identity" : random.pick(["gzip", "br"]);
  const packed = pack(coding, writtenAs(random, isJson, parts));
  const content = isWhole || random.chance(0.8) ? packed : damageBytes(random, packed);
  const isBase64 = coding !== "identity" || random.chance(0.7);
  const text = isBase64
    ? `base64=1&message=${content.toString("base64url")}`
    : `message=${encodeURIComponent(content.toString(isJson ? "utf8" : "latin1"))}`;
  const compression = coding === "identity" ? "" : `&compression=${coding}`;
  const query = `encoding=${isJson ? "json" : "proto"}&${text}${compression}`;
  const isFaithful = isJson || isBase64;
  return finish(
    random,
    { ...parts, encoding: "get", verb: "GET", target: `${pathOf(call)}?${query}` },
    {
      headers: [],
      body: Buffer.alloc(0),
      intact: isWhole && isFaithful && isRead(draw, coding) ? message : undefined,
    },
  );
}

/** Adds the credential, and damages what is left of the request. */
function finish(
  random: Random,
  {
    call,
    credential,
    isWhole,
    encoding,
    ...line
  }: Parts & { encoding: string; verb: string; target: string },
  { headers, body, intact }: Pick<HostileRequest, "headers" | "body" | "intact">,
): HostileRequest {
  const verb =
    isWhole || random.chance(0.95)
      ? line.verb
      : random.pick(["GET", "POST", "PUT", "HEAD", "DELETE", "PATCH", "OPTIONS", "TRACE"]);
  const target = isWhole || random.chance(0.9) ? line.target : damageTarget(random, line.target);
  const shown = credential.headers?.({ verb, target, body, call }) ?? [];
  const whole = [...headers, deadlineFor(encoding), ...shown];
  return {
    ...{ call, credential, encoding, verb, target, body, intact },
    headers: isWhole || random.chance(0.6) ? whole : damageHeaders(random, whole),
    end: isWhole || random.chance(0.98) ? "whole" : "reset",
  };
}

/** Without it, a read of a height that is far ahead would wait for half a minute. */
function deadlineFor(encoding: string): Header {
  return encoding.includes("grpc") ? ["grpc-timeout", "10S"] : ["connect-timeout-ms", "10000"];
}

function writtenAs(random: Random, isJson: boolean, { call, message, isWhole }: Parts): Buffer {
  if (!isWhole && random.chance(0.05)) return noise(random, random.below(300));
  if (!isJson) {
    const bytes = Buffer.from(toBinary(call.input, message));
    return isWhole || random.chance(0.4) ? bytes : damageBytes(random, bytes);
  }
  const text = toJsonString(call.input, message);
  return isWhole || random.chance(0.4) ? Buffer.from(text) : damageJson(random, text);
}

function isRead({ codings }: Draw, coding: string): boolean {
  return coding === "identity" || codings.includes(coding);
}

function pack(coding: string, message: Buffer): Buffer {
  if (coding === "gzip") return gzipSync(message, { level: 1 });
  if (coding === "br") return brotliCompressSync(message, { params: { 1: 1 } });
  return message;
}

/** Much from little, if it is packed. */
function bomb(random: Random): Buffer {
  return Buffer.alloc(random.pick([20_000, 300_000]), random.pick([0, 0x7b, 0x5b, 0x0a]));
}

function envelope(
  random: Random,
  message: Buffer,
  { isPacked, isWhole }: { readonly isPacked: boolean; readonly isWhole: boolean },
): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(isWhole || random.chance(0.9) ? Number(isPacked) : random.below(256));
  const lies = [0, 1, message.length + 1, 2 ** 18 + 1, 2 ** 31, 2 ** 32 - 1];
  head.writeUInt32BE(isWhole || random.chance(0.85) ? message.length : random.pick(lies), 1);
  const one = Buffer.concat([head, message]);
  return isWhole || random.chance(0.95) ? one : Buffer.concat([one, one]);
}
