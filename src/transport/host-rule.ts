/**
 * Decides to which host names and origins a listener answers (T11). A web page may make a browser on this machine
 * call the node, either through a name that the page's owner points at this machine (DNS rebinding) or across
 * origins. The first kind of call names a host that is not the node's; the second names a foreign origin.
 */
import { X509Certificate } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { CorsRule } from "./cors.ts";
import { formatHostPort, type HostPort, parseHostPort } from "./http-grammar.ts";
import { Refusal } from "./refusal.ts";

export interface HeadOfRequest {
  readonly method?: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

export class HostRule {
  #names: ReadonlySet<string>;
  readonly #cors: CorsRule;

  /** `names` as in certificates: DNS names, whose first label may be a wildcard. Web pages of `cors` may call. */
  constructor(names: Iterable<string>, cors = new CorsRule([])) {
    this.#names = namesIn(names);
    this.#cors = cors;
  }

  /** The listener answers to these from now on. */
  rename(names: Iterable<string>): void {
    this.#names = namesIn(names);
  }

  /** The reason why the call is refused. */
  check(hostPort: HostPort, request: HeadOfRequest): Refusal | undefined {
    const { headers, method } = request;
    if (!this.#allows(hostPort)) {
      const message = `this node is not named ${hostPort.host}`;
      return new Refusal("UNKNOWN_HOST", { message, field: "host" });
    }
    const { origin } = headers;
    if (this.#cors.allows(origin)) return undefined;
    if (origin !== undefined && !isOriginOf(hostPort, origin)) {
      return foreign("a web page of another origin may not call this node", "origin");
    }
    // Browsers send these headers even for requests without an origin, such as images (W3C Fetch Metadata). A user may
    // follow a link, but the frames of a page are its own calls.
    const { "sec-fetch-site": site = "none", "sec-fetch-mode": mode } = headers;
    const isLink = mode === "navigate" && headers["sec-fetch-dest"] === "document";
    if (site === "none" || site === "same-origin" || (isLink && method === "GET")) return undefined;
    return foreign("a web page of another site may not call this node", "sec-fetch-site");
  }

  #allows({ host, kind }: HostPort): boolean {
    if (kind === "address" || this.#names.has(host)) return true;
    const dot = host.indexOf(".");
    return dot > 0 && this.#names.has(`*${host.slice(dot)}`);
  }
}

function namesIn(names: Iterable<string>): ReadonlySet<string> {
  return new Set(["localhost", ...[...names].map((name) => name.toLowerCase())]);
}

/** The DNS names of a certificate, PEM. */
export function namesOfCertificate(certificate: string): readonly string[] {
  const { subjectAltName = "" } = new X509Certificate(certificate);
  // Node quotes names with a comma or quote as JSON; DNS names have neither.
  return [...subjectAltName.matchAll(/(?:^|, )DNS:([^",]+)/g)].map(([, name = ""]) => name);
}

function isOriginOf(hostPort: HostPort, origin: string): boolean {
  const [, text = ""] = /^https:\/\/([^/]*)$/i.exec(origin) ?? [];
  const from = parseHostPort(text);
  return from !== undefined && normal(from) === normal(hostPort);
}

function normal({ host, port }: HostPort): string {
  return formatHostPort({ host, port: port ?? 443 });
}

function foreign(message: string, field: string): Refusal {
  return new Refusal("FOREIGN_ORIGIN", { message, field });
}
