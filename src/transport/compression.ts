/** Codings of bodies: the coding of a request, its unpacking, and the codings that the answer may have. */
import { promisify } from "node:util";
import { brotliDecompress, gunzip } from "node:zlib";
import type { Bytes } from "../primitives/bytes.ts";
import { errorCode } from "../primitives/error-code.ts";
import { parseCodings, parseWeighted } from "./http-grammar.ts";
import { Refusal } from "./refusal.ts";

const unpackGzip = promisify(gunzip);
const unpackBrotli = promisify(brotliDecompress);

/** The codings that can be read. */
export type Coding = "gzip" | "br";

/** A header that names codings. */
export interface CodingHeader {
  readonly name: string;
  readonly value: string | undefined;
}

/** The one coding that a request's body has; undefined for none. */
export function readCoding(
  { name, value = "" }: CodingHeader,
  accepted: readonly Coding[],
): Coding | undefined | Refusal {
  const codings = parseCodings(value)?.filter((one) => one !== "identity");
  if (codings === undefined) {
    return new Refusal("MALFORMED", { message: `the header ${name} names no coding`, field: name });
  }
  const [coding] = codings;
  if (coding === undefined) return undefined;
  const known = accepted.find((one) => one === coding);
  if (known !== undefined && codings.length === 1) return known;
  const supported = ["identity", ...accepted].join(", ");
  return new Refusal("UNKNOWN_COMPRESSION", {
    message:
      codings.length > 1
        ? "a body that is compressed twice is not accepted"
        : `the compression ${coding} is not supported`,
    field: name,
    metadata: { supported },
  });
}

export async function unpack(
  bytes: Bytes,
  coding: { readonly name: Coding; readonly header: string },
  bytesMax: number,
): Promise<Bytes | Refusal> {
  if (bytes.length === 0) return bytes;
  const bounds = { maxOutputLength: bytesMax };
  try {
    return coding.name === "br"
      ? await unpackBrotli(bytes, bounds)
      : await unpackGzip(bytes, bounds);
  } catch (error) {
    if (errorCode(error) === "ERR_BUFFER_TOO_LARGE") {
      const message = `the message is larger than ${bytesMax} bytes when it is unpacked`;
      return new Refusal("TOO_LARGE", { message });
    }
    return new Refusal("MALFORMED", {
      message: `the message is no ${coding.name}, or is cut off`,
      field: coding.header,
    });
  }
}

/** The codings of `offered` that the header accepts, the most wanted first; none if the header cannot be parsed. */
export function acceptedCodings(header: string, offered: readonly string[]): readonly string[] {
  const members = parseWeighted(header, "codings") ?? [];
  const weightOf = (coding: string): number => {
    const own = members.find(({ name }) => name === coding || name === `x-${coding}`);
    return (own ?? members.find(({ name }) => name === "*"))?.weight ?? 0;
  };
  return offered
    .filter((coding) => weightOf(coding) > 0)
    .sort((one, other) => weightOf(other) - weightOf(one));
}
