/** Connect's unary GET: reads the message in the query like a body. */
import type { Bytes } from "../primitives/bytes.ts";
import { type Coding, readCoding } from "./compression.ts";
import { Refusal } from "./refusal.ts";
import { type CheckedMessage, checkMessage, type UnaryForm } from "./unary-body.ts";

const PARAMETERS = ["encoding", "message", "base64", "compression", "connect"] as const;

/** The message of a query, and its encoding. */
export interface CheckedQuery extends CheckedMessage {
  readonly encoding: "json" | "proto";
}

type QueryForm = Omit<UnaryForm, "dialect" | "coding" | "bodyDigest">;

/** The query that Connect may read. */
export async function checkQuery(
  query: string,
  form: QueryForm,
  codings: readonly Coding[],
): Promise<string | Refusal> {
  const checked = await readQuery(query, form, codings);
  if (checked instanceof Refusal) return checked;
  const { encoding, bytes } = checked;
  return `encoding=${encoding}&base64=1&message=${Buffer.from(bytes).toString("base64url")}`;
}

export async function readQuery(
  query: string,
  form: QueryForm,
  codings: readonly Coding[],
): Promise<CheckedQuery | Refusal> {
  const parameters = new URLSearchParams(query);
  const twice = PARAMETERS.find((name) => parameters.getAll(name).length > 1);
  if (twice !== undefined) return malformed(twice, "is given twice");
  const encoding = parameters.get("encoding");
  if (encoding === null) {
    const message = "the query names no encoding";
    const remedy = "Add encoding=json, and the message as message={…}, percent-encoded.";
    return new Refusal("MISSING_FIELD", { message, field: "encoding", remedy });
  }
  if (encoding !== "json" && encoding !== "proto") {
    const message = `the encoding ${encoding} is not supported`;
    const remedy = "Use encoding=json.";
    return new Refusal("UNSUPPORTED_MEDIA_TYPE", { message, field: "encoding", remedy });
  }
  const coding = readCoding(
    { name: "compression", value: parameters.get("compression") ?? undefined },
    codings,
  );
  if (coding instanceof Refusal) return coding;
  const sent = readMessage(parameters);
  if (sent instanceof Refusal) return sent;
  const message = await checkMessage(
    sent,
    { ...form, dialect: encoding, coding },
    coding !== undefined,
  );
  return message instanceof Refusal ? message : { ...message, encoding };
}

function readMessage(parameters: URLSearchParams): Bytes | Refusal {
  const text = parameters.get("message");
  if (text === null) {
    const message = "the query has no message";
    return new Refusal("MISSING_FIELD", { message, field: "message" });
  }
  const base64 = parameters.get("base64") ?? "0";
  if (base64 === "0") return Buffer.from(text);
  if (base64 !== "1") return malformed("base64", "must be 1 or left out");
  const bytes = Buffer.from(text, "base64url");
  if (bytes.toString("base64url") === text.replace(/={1,2}$/, "")) return bytes;
  return malformed("message", "must be base64url (RFC 4648 section 5)");
}

function malformed(field: string, problem: string): Refusal {
  return new Refusal("MALFORMED", { message: `${field}: ${problem}`, field });
}
