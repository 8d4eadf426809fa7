/** The written form of a network address, host:port, which every address must have. */
import { LIMITS } from "./limits.js";
const FORM = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9._-]+)):([0-9]{1,5})$/;
/** RFC 1123 section 2.1, and the underscore that names inside container networks have. */
const LABEL = /^[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/;
const NAME_LENGTH_MAX = 253;
/** A name that ends like this is read as an IPv4 address by URL parsers. */
const NUMBER = /^(?:[0-9]+|0[xX][0-9a-fA-F]*)$/;
const PORT_MAX = 65_535;
const IPV6_GROUPS = 8;
/** ::ffff:0:0/96, an IPv4 address written as an IPv6 one (RFC 4291 section 2.5.5.2). */
const MAPPED = [0, 0, 0, 0, 0, 0xff_ff];
/** The form of an address to listen on, in words. */
export const LISTEN_FORM = "host:port: a name, an IPv4 address or an IPv6 address in brackets, with a port from 1 to 65535";
/** The form of an address at which others reach something, in words. */
export const ADDRESS_FORM = `${LISTEN_FORM}, and none that stands for all addresses, such as 0.0.0.0`;
/** A name, an IPv4 address or an IPv6 address in brackets, with a port; undefined if the text is anything else. */
export function parseNetworkAddress(text) {
    if (text.length > LIMITS.addressLengthMax)
        return undefined;
    const [, ipv6, other = "", digits] = FORM.exec(text) ?? [];
    const port = Number(digits);
    if (!(port >= 1 && port <= PORT_MAX))
        return undefined;
    if (ipv6 !== undefined)
        return ipv6Groups(ipv6) && { host: ipv6, port };
    return isIpv4(other) || isName(other) ? { host: other, port } : undefined;
}
/** The text that `parseNetworkAddress` reads. */
export function formatNetworkAddress({ host, port }) {
    return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
/** True for an address to which others can connect; false for one that stands for all addresses of a machine. */
export function isNetworkAddress(text) {
    const address = parseNetworkAddress(text);
    return address !== undefined && !isUnspecified(address.host);
}
/** True if only programs of the same machine reach a listener there, or can be reached there. */
export function isLoopback(host) {
    if (host.toLowerCase() === "localhost")
        return true;
    const ipv4 = ipv4Of(host);
    if (ipv4 !== undefined)
        return ipv4.startsWith("127.");
    const groups = ipv6Groups(host);
    return groups?.every((group, i) => group === (i === IPV6_GROUPS - 1 ? 1 : 0)) ?? false;
}
/** True for an address that is no name. */
export function isNumericHost(host) {
    return isIpv4(host) || ipv6Groups(host) !== undefined;
}
/** True for 0.0.0.0 and [::]: a listener there takes connections to every address of its machine. */
export function isUnspecified(host) {
    const ipv4 = ipv4Of(host);
    if (ipv4 !== undefined)
        return ipv4 === "0.0.0.0";
    return ipv6Groups(host)?.every((group) => group === 0) ?? false;
}
function isName(text) {
    const labels = text.split(".");
    if (text.length > NAME_LENGTH_MAX || NUMBER.test(labels.at(-1) ?? ""))
        return false;
    return labels.every((label) => LABEL.test(label));
}
/** Four decimal numbers; a leading zero, which some read as octal, is none. */
function isIpv4(text) {
    const parts = text.split(".");
    return (parts.length === 4 &&
        parts.every((part) => /^(?:0|[1-9][0-9]{0,2})$/.test(part) && Number(part) <= 255));
}
/** The IPv4 address that `host` is, written as one or inside an IPv6 address. */
function ipv4Of(host) {
    if (isIpv4(host))
        return host;
    const groups = ipv6Groups(host);
    if (groups === undefined || !MAPPED.every((group, i) => group === groups[i]))
        return undefined;
    const [high = 0, low = 0] = groups.slice(MAPPED.length);
    return [high >> 8, high & 255, low >> 8, low & 255].join(".");
}
/** The eight groups of an IPv6 address without a zone (RFC 4291 section 2.2); undefined if the text is none. */
function ipv6Groups(text) {
    const tail = text.slice(text.lastIndexOf(":") + 1);
    if (tail.includes(".")) {
        if (!isIpv4(tail))
            return undefined;
        const [a = 0, b = 0, c = 0, d = 0] = tail.split(".").map(Number);
        const groups = [a * 256 + b, c * 256 + d].map((group) => group.toString(16));
        return ipv6Groups(`${text.slice(0, -tail.length)}${groups.join(":")}`);
    }
    const sides = text.split("::").map((side) => (side === "" ? [] : side.split(":")));
    const [head = [], end] = sides;
    if (sides.length > 2 || !sides.flat().every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) {
        return undefined;
    }
    const missing = IPV6_GROUPS - sides.flat().length;
    if (end === undefined ? missing !== 0 : missing < 1)
        return undefined;
    const zeros = new Array(missing).fill("0");
    return [...head, ...zeros, ...(end ?? [])].map((group) => Number.parseInt(group, 16));
}
