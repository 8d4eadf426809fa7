/** The protocols of calls, recognised by their content type, and the headers in which each names its codings. */
import { parseMediaType } from "./http-grammar.ts";

/** json, proto: Connect's, one message without an envelope. connect: Connect's with envelopes. */
export type Dialect = "json" | "proto" | "connect" | "grpc" | "grpc-web";

export interface ContentType {
  /** Undefined for a type that no protocol here has. */
  readonly dialect: Dialect | undefined;
  /** True if its bodies can be read: of the protocols in JSON or base64, only Connect's own. */
  readonly isRead: boolean;
  /** The content type as Connect knows it. */
  readonly name: string;
}

const READ: ReadonlyMap<string, { readonly dialect: Dialect; readonly name: string }> = new Map([
  ["application/json", { dialect: "json", name: "application/json" }],
  ["application/proto", { dialect: "proto", name: "application/proto" }],
  ["application/connect+proto", { dialect: "connect", name: "application/connect+proto" }],
  ["application/grpc", { dialect: "grpc", name: "application/grpc" }],
  ["application/grpc+proto", { dialect: "grpc", name: "application/grpc+proto" }],
  ["application/grpc-web", { dialect: "grpc-web", name: "application/grpc-web" }],
  ["application/grpc-web+proto", { dialect: "grpc-web", name: "application/grpc-web+proto" }],
]);

const FAMILIES: readonly (readonly [RegExp, Dialect])[] = [
  [/^application\/grpc-web(?:[+-]|$)/, "grpc-web"],
  [/^application\/grpc(?:\+|$)/, "grpc"],
  [/^application\/connect\+/, "connect"],
];

export function readContentType(header: string): ContentType {
  const { name = "", parameters } = parseMediaType(header) ?? {};
  const charset = parameters?.get("charset")?.toLowerCase() ?? "utf-8";
  const read = READ.get(name);
  if (read !== undefined) {
    // Only JSON is text (RFC 8259 section 8.1); "utf8" is a wrong name that clients use.
    return { ...read, isRead: read.dialect !== "json" || /^utf-?8$/.test(charset) };
  }
  const dialect = FAMILIES.find(([family]) => family.test(name))?.[1];
  return { dialect, isRead: false, name };
}

export interface CodingHeaders {
  readonly request: string;
  readonly accept: string;
}

export function codingHeadersOf(dialect: Dialect): CodingHeaders {
  switch (dialect) {
    case "json":
    case "proto":
      return { request: "content-encoding", accept: "accept-encoding" };
    case "connect":
      return { request: "connect-content-encoding", accept: "connect-accept-encoding" };
    case "grpc":
    case "grpc-web":
      return { request: "grpc-encoding", accept: "grpc-accept-encoding" };
  }
}

/** Messages in envelopes: flags, length, and the bytes. */
export function hasEnvelopes(dialect: Dialect): dialect is Exclude<Dialect, "json" | "proto"> {
  return dialect !== "json" && dialect !== "proto";
}
