/** Seeded damage to a request: to bytes without regard to their meaning, to JSON, to targets and to headers. */
import type { Random } from "../../support/world/random.ts";
import { noise } from "./messages.ts";
import type { Header } from "./requests.ts";

type Damage<T> = (random: Random, whole: T) => T;

const BYTES: readonly Damage<Buffer>[] = [
  (random, whole) => whole.subarray(0, random.below(whole.length + 1)),
  (random, whole) => Buffer.concat([whole, noise(random, random.between(1, 20))]),
  (random, whole) => {
    const at = random.below(whole.length + 1);
    return Buffer.concat([whole.subarray(0, at), whole.subarray(random.below(whole.length + 1))]);
  },
  (random, whole) => {
    const changed = Buffer.from(whole);
    const at = random.below(whole.length + 1);
    if (at < whole.length) changed.writeUInt8((changed[at] ?? 0) ^ (1 << random.below(8)), at);
    return changed;
  },
  (random) => noise(random, random.below(200)),
  // Groups in groups, a varint without an end, a length beyond the message, and many small fields.
  (random, whole) => Buffer.concat([whole, Buffer.alloc(random.pick([40, 400, 4_000]), 0x0b)]),
  (_, whole) => Buffer.concat([whole, Buffer.from([0x08]), Buffer.alloc(20, 0xff)]),
  (_, whole) => Buffer.concat([whole, Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f])]),
  (random, whole) =>
    Buffer.concat([whole, Buffer.alloc(random.pick([500, 6_000]), "\u0008\u0001")]),
];

const JSON_TEXT: readonly Damage<string>[] = [
  (random) => "[".repeat(random.pick([10, 100, 5_000])),
  (random) => {
    const depth = random.pick([10, 100, 3_000]);
    return `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;
  },
  (random, text) =>
    text.replace(
      /"?\d+"?/,
      random.pick(["1e999", "-0", "9".repeat(400), "1.5", "0x10", '"1e3"', "NaN", "-1"]),
    ),
  (_, text) => text.replace(/^\{(.+)\}$/s, "{$1,$1}"),
  (_, text) => text.replace(/^\{/, '{"__proto__":{"admin":true},"constructor":1,'),
  (_, text) => text.replace(/^\{/, '{"unknown":null,'),
  (random, text) =>
    text.replace(/:("[^"]*"|\d+)/, `:${random.pick(["null", "[]", "{}", "true", '""', "[[1]]"])}`),
  (random, text) =>
    text.replace(/"([^"]*)"\}/, `"${random.pick(["\\ud800", "\\u0000", "x".repeat(9_000)])}"}`),
  (_, text) => `\ufeff${text}`,
  (_, text) => `${text}${text}`,
  (random) => random.pick(["", "null", "[]", "1", '"', "{", "}", "{]", "// {}"]),
  (random, text) => text.slice(0, random.below(text.length + 1)),
  (random) =>
    `{${Array.from({ length: random.pick([50, 2_500]) }, (_, i) => `"f${i}":${i}`).join()}}`,
];

const TARGETS: readonly Damage<string>[] = [
  (_, target) => `${target}?access_token=cs_${"A".repeat(43)}`,
  (_, target) => `/${target}`,
  (_, target) => `${target}/`,
  (_, target) => target.toLowerCase(),
  (_, target) => target.replace("v1", "%76%31"),
  (_, target) => `/metrics/..${target}`,
  (_, target) => `/;${target}`,
  (random) => `/${noise(random, 30).toString("base64url")}`,
  (random) => `/${"a".repeat(random.pick([300, 4_000]))}`,
  () => "*",
  () => "/metrics",
  () => "/healthz",
  () => "/../../../etc/passwd",
  (_, target) => `https://localhost${target}`,
  (_, target) => `${target}#fragment`,
];

const EXTRA: readonly Header[] = [
  ["content-type", "text/plain"],
  ["content-type", "application/json;charset=utf-16"],
  ["content-type", "multipart/form-data; boundary=x"],
  ["content-type", '";'],
  ["content-encoding", "gzip, br"],
  ["content-encoding", "deflate"],
  ["grpc-encoding", "snappy"],
  ["grpc-timeout", "99999999H"],
  ["grpc-timeout", "-1n"],
  ["grpc-timeout", "0n"],
  ["connect-timeout-ms", "0"],
  ["connect-timeout-ms", "99999999999"],
  ["connect-timeout-ms", "1e3"],
  ["connect-protocol-version", "2"],
  ["accept", "text/html"],
  ["accept", '";q=x'],
  ["accept-encoding", "gzip;q=9, identity;q=0"],
  ["origin", "https://evil.example"],
  ["origin", "null"],
  ["sec-fetch-site", "cross-site"],
  ["expect", "100-continue"],
  ["range", "bytes=0-1"],
  ["x-http-method-override", "DELETE"],
  ["grpc-status", "0"],
  ["grpc-status-details-bin", "***"],
  ["trailer", "authorization"],
  ["cookie", "a=b; ".repeat(200)],
  ["x-large", "x".repeat(9_000)],
  ["x-odd", "\u00e9\u00ff"],
  ["authorization", "Bearer"],
  ["authorization", "Bearer \t"],
];

export function damageBytes(random: Random, whole: Buffer): Buffer {
  return random.pick(BYTES)(random, whole);
}

export function damageJson(random: Random, text: string): Buffer {
  if (random.chance(0.2)) return damageBytes(random, Buffer.from(text));
  return Buffer.from(random.pick(JSON_TEXT)(random, text));
}

export function damageTarget(random: Random, target: string): string {
  return random.pick(TARGETS)(random, target);
}

/** One header changed, left out, given twice, or added; never `authorization` given to a request that shows none. */
export function damageHeaders(random: Random, headers: readonly Header[]): Header[] {
  const extra = random.pick(EXTRA);
  switch (random.below(4)) {
    case 0:
      return [...headers.filter(([name]) => name !== extra[0]), extra];
    case 1:
      return headers.filter(([name]) => name !== "content-type");
    case 2: {
      const again = headers.length === 0 ? extra : random.pick(headers);
      return [...headers, again];
    }
    default:
      return [...headers, ...Array.from({ length: 60 }, (_, i): Header => [`x-${i}`, `${i}`])];
  }
}
