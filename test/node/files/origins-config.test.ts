// The key `corsOrigins` of a configuration: origins exactly as browsers write them.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { changedKeys, loadConfig } from "../../../src/node/files/config.ts";

const folder = mkdtempSync(join(tmpdir(), "countersign-origins-"));
const file = join(folder, "config.json");

afterAll(() => rmSync(folder, { recursive: true }));

function load(corsOrigins: unknown, access: unknown = { tokens: true }) {
  const keys = {
    ...{ node: "node1", genesis: "genesis.json", data: "data", passphraseFile: "passphrase" },
    ...{ clientListen: "127.0.0.1:7001", clientCertificate: "c.pem", clientKey: "k.pem" },
    ...{ peerListen: "127.0.0.1:7101", logLevel: "info" },
  };
  writeFileSync(file, JSON.stringify({ ...keys, corsOrigins, access: access ?? undefined }));
  return loadConfig(file);
}

describe("T11: the origins whose pages may call", () => {
  it("are none, unless they are named", () => {
    expect(load(undefined).corsOrigins).toEqual([]);
    expect(load([]).corsOrigins).toEqual([]);
  });

  it.each([
    "https://app.example",
    "https://app.example:8443",
    "https://192.0.2.7",
    "https://[2001:db8::7]:8443",
    "https://xn--bcher-kva.example",
    "http://localhost:5173",
    "http://127.0.0.1",
    "http://[::1]:5173",
  ])("are such as %s", (origin) => {
    const config = load([origin]);
    expect(config.corsOrigins).toEqual([origin]);
    expect(changedKeys(load([]), config)).toEqual(["corsOrigins"]);
  });

  it.each<[string, string]>([
    ["*", "stands for pages of anyone: name each origin"],
    ["null", "stands for pages of anyone"],
    ["https://*.example", "stands for pages of anyone"],
    ["https://app.example/", "is no origin as browsers write it: write scheme, host in lower case"],
    ["https://app.example/pay", "is no origin as browsers write it"],
    ["https://app.example:443", "is no origin as browsers write it"],
    ["https://App.example", "is no origin as browsers write it"],
    ["https://bücher.example", "is no origin as browsers write it"],
    ["https://a@app.example", "is no origin as browsers write it"],
    ["app.example", "is no origin as browsers write it"],
    ["", "is no origin as browsers write it"],
    [`https://${"a.".repeat(130)}example`, "is no origin as browsers write it"],
    ["http://app.example", "is an origin whose pages anyone on the way may change"],
    ["http://localhost.example", "is an origin whose pages anyone on the way may change"],
    ["ftp://app.example", "is an origin whose pages anyone on the way may change"],
    ["file://", "is no origin as browsers write it"],
    ["chrome-extension://abcdef", "is no origin as browsers write it"],
  ])("are not such as %j", (origin, message) => {
    expect(() => load(["https://app.example", origin])).toThrow(`"corsOrigins[1]" ${message}`);
  });

  it("need access: without it their pages would have every right", () => {
    expect(() => load(["https://app.example"], null)).toThrow(
      /"corsOrigins" without "access" gives .* every right on this node: add "access", .* remove "corsOrigins"/,
    );
    expect(load([], null).corsOrigins).toEqual([]);
    expect(load(undefined, null).corsOrigins).toEqual([]);
  });

  it("are a list of at most 32", () => {
    expect(() => load("https://app.example")).toThrow('"corsOrigins" is not a list');
    const many = Array.from({ length: 33 }, (_, n) => `https://app${n}.example`);
    expect(() => load(many)).toThrow("write a list of 0 to 32");
  });
});
