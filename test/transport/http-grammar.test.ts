/** The examples of the RFCs, and texts that look like one of them and are not. */
import { describe, expect, test } from "vitest";
import {
  formatHostPort,
  parseCodings,
  parseHostPort,
  parseMediaType,
  parseTarget,
  parseWeighted,
} from "../../src/transport/http-grammar.ts";

describe("media types", () => {
  // RFC 9110 section 8.3.1: "the following media types are equivalent".
  test.each([
    "text/html;charset=utf-8",
    'Text/HTML;Charset="utf-8"',
    'text/html; charset="utf-8"',
    "text/html;charset=utf-8",
    "text/html ; charset=utf-8 ;",
    'text/html;;charset="\\u\\t\\f-8"',
  ])("%s is text/html in UTF-8", (text) => {
    const { name, parameters } = parseMediaType(text) ?? {};
    expect([name, [...(parameters ?? [])]]).toEqual(["text/html", [["charset", "utf-8"]]]);
  });

  test.each([
    "",
    "text",
    "text/",
    "/html",
    "text / html",
    "text/html;charset = utf-8",
    "text/html;charset",
    'text/html;charset="utf-8',
    "text/html;charset=utf-8;charset=latin1",
    "text/html, text/plain",
    "text/html charset=utf-8",
  ])("%j is none", (text) => {
    expect(parseMediaType(text)).toBeUndefined();
  });
});

describe("codings", () => {
  test.each([
    ["gzip", ["gzip"]],
    ["X-GZIP", ["gzip"]],
    ["deflate, gzip", ["deflate", "gzip"]],
    [" , br ,, identity,", ["br", "identity"]],
    ["", []],
  ])("%j are %j", (text, codings) => expect(parseCodings(text)).toEqual(codings));

  test.each(["gz ip", "gzip;q=1", '"gzip"', "gzip/1"])("%j are none", (text) => {
    expect(parseCodings(text)).toBeUndefined();
  });
});

describe("weights", () => {
  // RFC 9110 section 12.5.3.
  test.each([
    [
      "compress, gzip",
      [
        ["compress", 1],
        ["gzip", 1],
      ],
    ],
    ["", []],
    ["*", [["*", 1]]],
    [
      "compress;q=0.5, gzip;q=1.0",
      [
        ["compress", 0.5],
        ["gzip", 1],
      ],
    ],
    [
      "gzip;q=1.0, identity; q=0.5, *;q=0",
      [
        ["gzip", 1],
        ["identity", 0.5],
        ["*", 0],
      ],
    ],
  ])("of the codings %j", (text, members) => {
    expect(parseWeighted(text, "codings")?.map((one) => [one.name, one.weight])).toEqual(members);
  });

  // RFC 9110 section 12.5.1.
  test.each([
    [
      "audio/*; q=0.2, audio/basic",
      [
        ["audio/*", 0.2],
        ["audio/basic", 1],
      ],
    ],
    [
      "text/plain; q=0.5, text/html,\n text/x-dvi; q=0.8, text/x-c".replace("\n", ""),
      [
        ["text/plain", 0.5],
        ["text/html", 1],
        ["text/x-dvi", 0.8],
        ["text/x-c", 1],
      ],
    ],
    [
      "text/*;q=0.3, text/plain;q=0.7, text/plain;format=flowed, text/plain;format=fixed;q=0.4, */*;q=0.5",
      [
        ["text/*", 0.3],
        ["text/plain", 0.7],
        ["text/plain", 1],
        ["text/plain", 0.4],
        ["*/*", 0.5],
      ],
    ],
    [
      'text/plain;a="1,2", */*',
      [
        ["text/plain", 1],
        ["*/*", 1],
      ],
    ],
  ])("of the types %j", (text, members) => {
    expect(parseWeighted(text, "types")?.map((one) => [one.name, one.weight])).toEqual(members);
  });

  test.each(["gzip;q=2", "gzip;q=0.1234", "gzip;q=-1", "gzip;q=", "gz ip", 'gzip;a="'])(
    "%j has none",
    (text) => expect(parseWeighted(text, "codings")).toBeUndefined(),
  );
});

describe("authorities", () => {
  test.each([
    // RFC 3986 sections 1.1.2 and 3.2.2, RFC 9110 section 7.2.
    ["www.example.org", "www.example.org", "name", undefined],
    ["WWW.Example.ORG:8080", "www.example.org", "name", 8080],
    ["example.com.:443", "example.com", "name", 443],
    ["example.com:", "example.com", "name", undefined],
    ["192.0.2.16:80", "192.0.2.16", "address", 80],
    ["[2001:db8::7]", "2001:db8::7", "address", undefined],
    ["[::1]:7001", "::1", "address", 7001],
    ["[::FFFF:192.0.2.1]:1", "::ffff:192.0.2.1", "address", 1],
    // The hostPort that Node's own HTTP/2 client sends for https://[::1]:7001.
    ["::1:7001", "::1", "address", 7001],
    ["2001:db8::7:65535", "2001:db8::7", "address", 65_535],
  ])("%s is %s, %s, %s", (text, host, kind, port) => {
    expect(parseHostPort(text)).toEqual({ host, kind, port });
  });

  test.each([
    "",
    ":7001",
    "a b",
    "user@localhost",
    "localhost:99999",
    "localhost:x",
    "localhost:1:2",
    "[::1",
    "::1]",
    "[::1]x",
    "[1.2.3.4]",
    "[v1.a]:1",
    "[fe80::1%25eth0]:1",
    "localhost/",
    "local..host",
    "-a",
    "é.example",
    "a,b",
  ])("%j is none", (text) => expect(parseHostPort(text)).toBeUndefined());

  test.each(["localhost:7001", "[::1]:7001", "192.0.2.16", "[2001:db8::7]"])(
    "%s is written as it was read",
    (text) => {
      const hostPort = parseHostPort(text);
      expect(hostPort && formatHostPort(hostPort)).toBe(text);
    },
  );
});

describe("targets", () => {
  test.each([
    // RFC 9112 section 3.2.
    ["/where?q=now", undefined, "/where", "q=now"],
    [
      "https://www.example.org/pub/WWW/TheProject.html",
      "www.example.org",
      "/pub/WWW/TheProject.html",
      "",
    ],
    ["HTTPS://www.example.org:8001", "www.example.org", "/", ""],
    ["https://[::1]:7001?a=b?c", "::1", "/", "a=b?c"],
    ["*", undefined, "*", ""],
    // RFC 3986 section 6.2.2.2.
    ["/%70eers/%7Ea%2fb", undefined, "/peers/~a%2fb", ""],
    ["//peers", undefined, "//peers", ""],
    ['/a?m={"b":1}', undefined, "/a", 'm={"b":1}'],
  ])("%s is for %s %s %s", (text, host, path, query) => {
    const target = parseTarget(text);
    expect([target?.hostPort?.host, target?.path, target?.query]).toEqual([host, path, query]);
  });

  test.each([
    "",
    "peers",
    "http://localhost/peers",
    "https:///peers",
    "https://a b/",
    "/#a",
    "/a b",
  ])("%j is none", (text) => expect(parseTarget(text)).toBeUndefined());
});

describe("the largest headers that a listener takes, and larger ones", () => {
  // A reader that looks back over all characters at each one takes more than ten seconds here.
  const LENGTH = 64 * 1024;
  const HOSTILE: readonly (readonly [string, () => unknown])[] = [
    ["spaces in a media type", () => parseMediaType(`a/b${" ".repeat(LENGTH)}c`)],
    ["spaces in a list", () => parseWeighted(`a/b${" \t".repeat(LENGTH / 2)}c`, "types")],
    ["spaces in codings", () => parseCodings(`gzip${" ".repeat(LENGTH)}c`)],
    ["colons in a host", () => parseHostPort(`${":".repeat(LENGTH)}!`)],
    ["labels in a host", () => parseHostPort(`${"a.".repeat(LENGTH / 2)}!`)],
    ["a quote that is not closed", () => parseWeighted(`a/b;q="${"\\a".repeat(LENGTH)}`, "types")],
    ["parameters", () => parseMediaType(`a/b${"; ".repeat(LENGTH / 2)}c`)],
    ["a target with an hostPort", () => parseTarget(`https://${":".repeat(LENGTH)}/`)],
  ];

  test.each(HOSTILE)("%s: is refused at once", (_, parse) => {
    const begun = process.cpuUsage();
    expect(parse()).toBeUndefined();
    // The time of the processor, which a busy machine does not add to.
    expect(process.cpuUsage(begun).user).toBeLessThan(1_000_000);
  });
});
