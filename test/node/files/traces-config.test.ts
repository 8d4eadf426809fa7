// The key traces of a configuration: every mistake is refused with the file, the key and the remedy.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { loadConfig } from "../../../src/node/files/config.ts";

const folder = mkdtempSync(join(tmpdir(), "countersign-traces-"));
const file = join(folder, "config.json");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const KEYS = {
  node: "node1",
  genesis: "genesis.json",
  data: "data",
  passphraseFile: "passphrase",
  clientListen: "127.0.0.1:7001",
  clientCertificate: "tls-certificate.pem",
  clientKey: "tls-key.pem",
  peerListen: "127.0.0.1:7101",
  logLevel: "info",
};
const LOCAL = "http://127.0.0.1:4318/v1/traces";

function load(traces: unknown) {
  writeFileSync(file, JSON.stringify({ ...KEYS, traces }));
  return loadConfig(file).traces;
}

describe("the key traces", () => {
  it("names a collector, and files beside the configuration", () => {
    expect(load(undefined)).toBeUndefined();
    expect(load({ endpoint: LOCAL, oneIn: 1 })).toEqual({ url: LOCAL, oneIn: 1 });
    const endpoint = "https://collector.example:4318/v1/traces";
    const files = { authority: "ca.pem", authorization: "secret" };
    expect(load({ endpoint, oneIn: 1_000_000, ...files })).toEqual({
      url: endpoint,
      oneIn: 1_000_000,
      authorityFile: join(folder, "ca.pem"),
      authorizationFile: join(folder, "secret"),
    });
  });

  it.each([
    [{ oneIn: 1 }, /"traces.endpoint" is missing/],
    [{ endpoint: LOCAL }, /"traces.oneIn" is missing/],
    [{ endpoint: LOCAL, oneIn: 0 }, /"traces.oneIn" is not a whole number within its range/],
    [{ endpoint: LOCAL, oneIn: 0.5 }, /"traces.oneIn" is not a whole number/],
    [{ endpoint: LOCAL, oneIn: 1, ratio: 1 }, /ratio/],
    [{ endpoint: "http://collector.example/", oneIn: 1 }, /"traces.endpoint" is no URL .* https/],
    [{ endpoint: "https://me:word@collector.example/", oneIn: 1 }, /is no URL of a collector/],
    [{ endpoint: "collector.example:4318", oneIn: 1 }, /is no URL of a collector/],
    [{ endpoint: LOCAL, oneIn: 1, authority: "ca.pem" }, /"traces.authority" has no meaning/],
  ])("is refused as %o", (traces, message) => {
    expect(() => load(traces)).toThrow(message);
    expect(() => load(traces)).toThrow(file);
  });
});
