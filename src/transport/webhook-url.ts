/** The URL of a webhook endpoint: https, or plain http on this machine, where no network reads along. */
import { LIMITS } from "../primitives/limits.ts";
import { isLoopback, isNumericHost } from "../primitives/network-address.ts";
import { addressKind } from "./outbound-address.ts";

/** Text in the form that is kept; or what is wrong with it. */
export function parseWebhookUrl(
  text: string,
  isPrivate: boolean,
): URL | { readonly problem: string } {
  const max = LIMITS.webhooks.urlLengthMax;
  if (text.length > max) return { problem: `is longer than ${max} characters` };
  const url = URL.parse(text);
  if (url === null) return { problem: "is no URL" };
  if (url.href.length > max) return { problem: `is longer than ${max} characters when encoded` };
  if (url.username !== "" || url.password !== "") {
    return { problem: "has a user name or password; the signature proves this node instead" };
  }
  if (url.hash !== "") return { problem: "has a fragment, which no server gets" };
  const host = hostOf(url);
  const isPlain = url.protocol === "http:" && isLoopback(host);
  if (url.protocol !== "https:" && !isPlain) {
    return { problem: "must begin with https://; http:// is for loopback alone" };
  }
  const kind = kindOfHost(host);
  if (kind === "never") return { problem: "has an address that is never used" };
  if (kind === "private" && !isPrivate) {
    return { problem: "has a loopback or private address, which needs leave (--private)" };
  }
  return url;
}

/** An IPv6 address without its brackets. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, "$1");
}

/** Undefined for a name, whose addresses are judged when they are known. */
function kindOfHost(host: string) {
  if (isNumericHost(host)) return addressKind(host);
  return isLoopback(host) ? "private" : undefined;
}
