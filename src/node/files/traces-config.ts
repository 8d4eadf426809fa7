/** The key `traces` of a configuration: the collector that gets the traces of payments, and how many of them. */
import type { JsonField } from "../../primitives/json-fields.ts";
import { isLoopback } from "../../primitives/network-address.ts";

export interface TracesConfig {
  readonly url: string;
  /** One payment in so many. */
  readonly oneIn: number;
  /** Path of the authorities (PEM) of the collector; undefined: the public ones. */
  readonly authorityFile?: string | undefined;
  /** Path of the file with the value of the header `authorization`; mode 0600. */
  readonly authorizationFile?: string | undefined;
}

/** The form in the file. */
export interface TracesFile {
  readonly endpoint: string;
  readonly oneIn: number;
  readonly authority?: string;
  readonly authorization?: string;
}

export const TRACES_MEANING =
  "optional: the collector of OpenTelemetry that gets the traces of payments, and how many of them (docs/traces.md)";

const ONE_IN_MAX = 1_000_000;

/** `path` resolves a path of the file. */
export function readTraces(
  field: JsonField | undefined,
  path: (field: JsonField) => string,
): TracesConfig | undefined {
  if (field === undefined) return undefined;
  const keys = field.record(["endpoint", "oneIn"], ["authority", "authorization"]);
  const url = readEndpoint(keys.endpoint);
  if (keys.authority !== undefined && url.startsWith("http:")) {
    keys.authority.fail("has no meaning for http", "write an https URL, or remove it");
  }
  return {
    url,
    oneIn: keys.oneIn.integer({ min: 1, max: ONE_IN_MAX }),
    authorityFile: keys.authority && path(keys.authority),
    authorizationFile: keys.authorization && path(keys.authorization),
  };
}

function readEndpoint(field: JsonField): string {
  const text = field.string() ?? "";
  const url = /^https?:\/\/[^\s#@]+$/.test(text) ? URL.parse(text) : null;
  const host = url?.hostname.replace(/^\[|\]$/g, "") ?? "";
  if (url?.protocol === "https:" || (url?.protocol === "http:" && isLoopback(host))) return text;
  return field.fail(
    "is no URL of a collector",
    "write an https URL, or one of http on loopback, such as http://127.0.0.1:4318/v1/traces",
  );
}
