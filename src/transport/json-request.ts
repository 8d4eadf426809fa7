/** Requests in JSON are read strictly before Connect, which is more lenient, sees them. */
import type { DescMessage } from "@bufbuild/protobuf";
import {
  createAsyncIterable,
  readAllBytes,
  type UniversalServerRequest,
} from "@connectrpc/connect/protocol";
import { compressionBrotli, compressionGzip } from "@connectrpc/connect-node";
import type { Bytes } from "../primitives/bytes.ts";
import { LIMITS } from "../primitives/limits.ts";
import { isConnectError, readRefusal, withDetail } from "./errors.ts";
import { Refusal } from "./refusal.ts";
import { readStrictJson } from "./strict-json.ts";

/** The only JSON that is read: no application/connect+json, no application/grpc+json. */
const JSON_TYPE = /^application\/json(?:; ?charset=utf-?8)?$/i;
/** A value stands at the beginning, or behind one of these. */
const BEFORE_VALUES: ReadonlySet<number> = new Set(Buffer.from(",[{"));
const COMPRESSIONS = [compressionGzip, compressionBrotli];

/** json: read strictly here; other: for Connect to judge; refused: some other kind of JSON. */
export function kindOfBody(contentType: string): "json" | "other" | "refused" {
  if (JSON_TYPE.test(contentType)) return "json";
  return /json/i.test(contentType) ? "refused" : "other";
}

/** Reads and checks a JSON body; the answer is a request whose body Connect may read again. */
export async function checkJsonBody(
  request: UniversalServerRequest,
  input: DescMessage,
  bytesMax: number,
): Promise<UniversalServerRequest | Refusal> {
  const body = await readBody(request, bytesMax);
  if (body instanceof Refusal) return body;
  if (valuesAtMost(body) > LIMITS.clientMessageFieldsMax) {
    const message = `a message has more than ${LIMITS.clientMessageFieldsMax} values`;
    return new Refusal("LIMIT", { message });
  }
  const checked = readStrictJson(input, body);
  if (checked instanceof Refusal) return checked;
  const header = new Headers(request.header);
  header.delete("content-encoding");
  header.set("content-length", String(body.length));
  return { ...request, header, body: createAsyncIterable([body]) };
}

/** The JSON message in the query of an HTTP GET (Connect protocol, unary GET). */
export function checkJsonQuery(query: URLSearchParams, input: DescMessage): Refusal | undefined {
  if (query.has("compression")) {
    return new Refusal("MALFORMED", { message: "JSON in a query is not compressed" });
  }
  const message = query.get("message") ?? "";
  const bytes = Buffer.from(message, query.get("base64") === "1" ? "base64url" : "utf8");
  const checked = readStrictJson(input, bytes);
  return checked instanceof Refusal ? checked : undefined;
}

/**
 * What JSON has no more values than, told without reading it: 256 KiB of small ones take half a second to read, and a few
 * hundred bytes on the line if they are packed.
 */
function valuesAtMost(json: Bytes): number {
  let values = 1;
  for (const byte of json) if (BEFORE_VALUES.has(byte)) values += 1;
  return values;
}

async function readBody(
  request: UniversalServerRequest,
  bytesMax: number,
): Promise<Bytes | Refusal> {
  const encoding = request.header.get("content-encoding") ?? "identity";
  const compression = COMPRESSIONS.find(({ name }) => name === encoding);
  if (compression === undefined && encoding !== "identity") {
    return new Refusal("MALFORMED", { message: `content-encoding ${encoding} is unknown` });
  }
  try {
    const chunks = request.body as AsyncIterable<Bytes>;
    const sent = await readAllBytes(chunks, bytesMax, request.header.get("content-length"));
    return compression === undefined ? sent : await compression.decompress(sent, bytesMax);
  } catch (error) {
    const refusal = isConnectError(error) ? readRefusal(withDetail(error)) : undefined;
    // Whatever is no refusal is a connection that ended in the middle of the body.
    return refusal ?? new Refusal("CANCELED", { message: "the body ended too early" });
  }
}
