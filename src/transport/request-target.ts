/**
 * The target of a request, and the host and port under which it calls the node (RFC 9110 section 7.2, RFC 9112 section
 * 3.2).
 */

import type { HostRule } from "./host-rule.ts";
import type { HttpRequest } from "./http-adapter.ts";
import { type HostPort, parseHostPort, parseTarget, type Target } from "./http-grammar.ts";
import { Refusal } from "./refusal.ts";

export interface RequestTarget extends Target {
  readonly hostPort: HostPort;
}

export function readTarget(
  request: HttpRequest,
  hosts: HostRule | undefined,
): RequestTarget | Refusal {
  const target = parseTarget(request.url ?? "");
  const isHttp2 = "stream" in request;
  // RFC 9113 section 8.3.1: HTTP/2 has a field of its own for host and port.
  if (target === undefined || (isHttp2 && target.hostPort !== undefined)) {
    const message = "the request's target is no path and no https URL";
    return new Refusal("MALFORMED", { message, field: "target" });
  }
  const named = isHttp2 ? namedByHttp2(request) : namedByHost(request);
  if (named instanceof Refusal) return named;
  // RFC 9112 section 3.2.2: the host in the target takes precedence over the header.
  const hostPort = target.hostPort ?? named;
  const refusal = hosts?.check(hostPort, request);
  return refusal ?? { ...target, hostPort };
}

function namedByHost(request: HttpRequest): HostPort | Refusal {
  const { rawHeaders } = request;
  const values = rawHeaders.filter((_, i) => i % 2 === 1 && isHost(rawHeaders[i - 1]));
  const [value = ""] = values;
  if (values.length > 1) return unnamed("the request names two hosts");
  return parseHostPort(value) ?? unnamed("the request names no host");
}

function namedByHttp2({ headers }: HttpRequest): HostPort | Refusal {
  const own = headers[":authority"];
  const names = [own, headers.host].filter((name) => name !== undefined).map(String);
  const [name = "", other = name] = names;
  // RFC 9113 section 8.3.1.
  if (name.toLowerCase() !== other.toLowerCase()) return unnamed("the request names two hosts");
  return parseHostPort(name) ?? unnamed("the request names no host");
}

function isHost(name: string | undefined): boolean {
  return name?.toLowerCase() === "host";
}

function unnamed(message: string): Refusal {
  const remedy = "Name the node as host:port, an IPv6 address in brackets.";
  return new Refusal("MALFORMED", { message, field: "host", remedy });
}
