// A node's configuration file: what is optional, and that every mistake names file, key and remedy.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { encodeConfig, loadConfig } from "../../src/node/config.ts";

const folder = mkdtempSync(join(tmpdir(), "countersign-config-"));
const file = join(folder, "config.json");
const KEYS = {
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

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function load(peers?: unknown): ReturnType<typeof loadConfig> {
  const more = peers === undefined ? {} : { peers };
  writeFileSync(file, JSON.stringify({ ...KEYS, ...more }));
  return loadConfig(file);
}

describe("peers in a node's configuration", () => {
  it("are absent by default: every node is dialled where the genesis says", () => {
    writeFileSync(file, encodeConfig(KEYS));
    expect(loadConfig(file).peerAddresses.size).toBe(0);
  });

  it("name the address at which a node is dialled instead", () => {
    const { peerAddresses } = load({ node2: "127.0.0.1:9102", node3: "localhost:9103" });
    expect([...peerAddresses]).toEqual([
      ["node2", "127.0.0.1:9102"],
      ["node3", "localhost:9103"],
    ]);
  });

  it.each([
    [["127.0.0.1:9102"], '"peers" must be an object'],
    ["127.0.0.1:9102", '"peers" must be an object'],
    [{ node2: 9102 }, '"peers" must be an object'],
    [{ node2: "192.0.2.1:9102" }, '"peers.node2" is "192.0.2.1:9102", but must be a loopback'],
    [{ node2: "127.0.0.1:99999" }, '"peers.node2" is "127.0.0.1:99999"'],
  ])("%j is refused by name", (peers, message) => {
    expect(() => load(peers)).toThrow(message);
  });
});
