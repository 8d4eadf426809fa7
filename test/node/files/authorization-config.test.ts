// The key `access.authorizationServers` of a configuration: its defaults, and every mistake named with its remedy.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readServers } from "../../../src/node/access/authorization-servers.ts";
import { loadConfig } from "../../../src/node/files/config.ts";
import { generateServerKey, ISSUER, keySetText } from "../access/authorization-server.ts";

const CONFIG = {
  node: "node1",
  genesis: "genesis.json",
  data: "data",
  passphraseFile: "passphrase",
  clientListen: "127.0.0.1:7001",
  clientCertificate: "certificate.pem",
  clientKey: "key.pem",
  peerListen: "127.0.0.1:7101",
  logLevel: "info",
};
const SERVER = { issuer: ISSUER, audience: "https://node1.example", jwks: "keys.json" };
const URL_SERVER = { ...SERVER, jwks: "https://login.example/keys?v=1" };

let folder: string;
let file: string;
let keySet: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "countersign-servers-"));
  file = join(folder, "config.json");
  keySet = keySetText(await generateServerKey("first"));
});

afterAll(() => rmSync(folder, { recursive: true }));

function load(authorizationServers: unknown) {
  writeFileSync(file, JSON.stringify({ ...CONFIG, access: { authorizationServers } }));
  return loadConfig(file);
}

const loadOne = (server: object) => load([server]).access?.authorizationServers[0];

describe("an authorization server in the configuration", () => {
  it("has defaults: RFC 9068's type, scopes behind a prefix, ten seconds between clocks", () => {
    expect(loadOne(SERVER)).toEqual({
      issuer: ISSUER,
      audience: "https://node1.example",
      jwks: { file: join(folder, "keys.json") },
      algorithms: ["ES256", "PS256", "RS256", "EdDSA", "Ed25519"],
      types: ["at+jwt"],
      scopeClaim: "scope",
      meaning: { prefix: "countersign:" },
      clockToleranceMs: 10_000,
    });
    expect(load(undefined).access?.authorizationServers).toEqual([]);
  });

  it("has the keys of a URL, under the authority that is named", () => {
    expect(loadOne(URL_SERVER)?.jwks).toEqual({ url: "https://login.example/keys?v=1" });
    expect(loadOne({ ...URL_SERVER, jwksAuthority: "ca.pem" })?.jwks).toEqual({
      url: "https://login.example/keys?v=1",
      authorityFile: join(folder, "ca.pem"),
    });
  });

  it("gives scopes of its own meaning", () => {
    expect(loadOne({ ...SERVER, scopePrefix: "" })?.meaning).toEqual({ prefix: "" });
    const scopes = { "bank payer": ["submit", "read"] };
    expect(loadOne({ ...SERVER, scopeClaim: "roles", scopes })).toMatchObject({
      scopeClaim: "roles",
      meaning: { scopes: new Map([["bank payer", ["submit", "read"]]]) },
    });
  });

  const one = "access.authorizationServers[0]";
  it.each<[string, object, string]>([
    ["no issuer", { issuer: undefined }, `"${one}.issuer" is missing`],
    ["an issuer that is no URL", { issuer: "bank" }, `"${one}.issuer" is not the name of an auth`],
    ["an issuer over plain http", { issuer: "http://login.example" }, `"${one}.issuer" is not`],
    ["an issuer with a fragment", { issuer: `${ISSUER}#a` }, `"${one}.issuer" is not the name`],
    ["an issuer with a query", { issuer: `${ISSUER}?a` }, `"${one}.issuer" is not the name of an`],
    ["an issuer with a user", { issuer: "https://a@b.example" }, `"${one}.issuer" is not the na`],
    ["an issuer with a space", { issuer: `${ISSUER} ` }, `"${one}.issuer" is not the name of an`],
    ["a long issuer", { issuer: `${ISSUER}${"a".repeat(120)}` }, "at most 120 characters"],
    ["no audience", { audience: "" }, `"${one}.audience" is not a text of an allowed length`],
    ["two audiences", { audience: ["a", "b"] }, `"${one}.audience" is not a text of an allowed`],
    ["keys over plain http", { jwks: "http://login.example/keys" }, `"${one}.jwks" is no place`],
    ["keys by another protocol", { jwks: "ldap://a" }, `"${one}.jwks" is no place for keys: wri`],
    ["keys in the text", { jwks: { keys: [] } }, `"${one}.jwks" is not a text of an allowed len`],
    ["an authority for a file", { jwksAuthority: "ca.pem" }, `"${one}.jwks" is a file, which ne`],
    ["no algorithm", { algorithms: [] }, `"${one}.algorithms" is not a list of an allowed length`],
    ["the algorithm none", { algorithms: ["none"] }, `"${one}.algorithms[0]" has a value that is`],
    [
      "a symmetric algorithm",
      { algorithms: ["ES256", "HS256"] },
      `"${one}.algorithms[1]" has a value that is not known: write one of ES256, ES384`,
    ],
    ["a type of its own", { types: ["ID"] }, `"${one}.types[0]" has a value that is not known`],
    ["a long tolerance", { clockToleranceMs: 60_001 }, "write plain digits, 0 to 60000"],
    ["a prefix that is no text", { scopePrefix: 1 }, `"${one}.scopePrefix" is no prefix: write a`],
    [
      "two meanings of scopes",
      { scopePrefix: "a", scopes: {} },
      `"${one}.scopePrefix" has no meaning beside "scopes": remove one of them`,
    ],
    [
      "a scope that there is not",
      { scopes: { payer: ["pay"] } },
      `"${one}.scopes.payer[0]" has a value that is not known: write one of read, read:all`,
    ],
    ["an unknown key", { secret: "x" }, `"${one}.secret" is not known: remove it, or see issuer`],
  ])("is refused with %s", (_, changes, message) => {
    expect(() => loadOne({ ...SERVER, ...changes })).toThrow(message);
  });

  it("has a name that no other has, and is one of a few", () => {
    expect(() => load([SERVER, URL_SERVER])).toThrow(
      '"access.authorizationServers[1]" has the issuer of another entry: keep one entry',
    );
    expect(() => load([])).toThrow("is not a list of an allowed length: write a list of 1 to 8");
  });
});

describe("the files of an authorization server", () => {
  it("are read before anything changes", () => {
    writeFileSync(join(folder, "keys.json"), keySet);
    expect(readServers(load([SERVER]))).toMatchObject([{ keys: { usable: 1, leftOut: 0 } }]);
  });

  it.each<[string, string, object, RegExp]>([
    [
      "no key set",
      "",
      { jwks: "absent.json" },
      /Servers\[0\]\.jwks" names nothing that is there; put it back/,
    ],
    ["a page", "<html>", {}, /\.jwks" is .*keys\.json, which is not JSON .*; name a file with/],
    ["a large file", " ".repeat(70_000), {}, /\.jwks" is .*more than the 65536 bytes/],
    [
      "no authority",
      "",
      { ...URL_SERVER, jwksAuthority: "ca.pem" },
      /jwksAuthority" names nothing/,
    ],
    [
      "an authority that is none",
      keySetText(),
      { ...URL_SERVER, jwksAuthority: "keys.json" },
      /jwksAuthority" is .*keys\.json, which holds no certificate in PEM/,
    ],
  ])("that are %s are named", (_, text, changes, problem) => {
    writeFileSync(join(folder, "keys.json"), text);
    const config = load([{ ...SERVER, ...changes }]);
    expect(() => readServers(config)).toThrow(problem);
  });
});
