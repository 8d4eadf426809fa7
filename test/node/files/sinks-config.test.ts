// The sinks of a configuration: their keys, and an error that names file, key and remedy for every mistake.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { ConfigError, loadConfig } from "../../../src/node/files/config.ts";
import { isLocal } from "../../../src/node/files/sinks-config.ts";

const folder = mkdtempSync(join(tmpdir(), "countersign-sinks-"));
const file = join(folder, "config.json");
const WALLET = "7d3b9f10-64c2-8e5a-a1b7-2f9c8d0e6b43";
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
const NATS = { kind: "nats", servers: ["nats.example.org:4222"], subject: "ledger.events" };
const BOOKS = {
  kind: "postgres",
  server: "127.0.0.1:5432",
  user: "countersign",
  database: "books",
};

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function load(sinks: unknown) {
  writeFileSync(file, JSON.stringify({ ...KEYS, sinks }));
  return loadConfig(file).sinks;
}

it("are none by default, and read with their paths beside the configuration", () => {
  writeFileSync(file, JSON.stringify(KEYS));
  expect(loadConfig(file).sinks).toEqual([]);
  const [books, events] = load({
    books: { ...BOOKS, password: "secret", walletId: WALLET, fromHeight: 0 },
    events: { ...NATS, credentials: "events.creds", authority: "/etc/ca.pem" },
  });
  expect(books).toMatchObject({
    kind: "postgres",
    name: "books",
    host: "127.0.0.1",
    port: 5432,
    passwordFile: join(folder, "secret"),
    walletId: WALLET,
    fromHeight: 0,
  });
  expect(events).toMatchObject({
    kind: "nats",
    name: "events",
    servers: ["nats.example.org:4222"],
    credentialsFile: join(folder, "events.creds"),
    authorityFile: "/etc/ca.pem",
  });
  expect([books, events].map((sink) => sink && isLocal(sink))).toEqual([true, false]);
});

const many = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`sink-${i}`, NATS]));

it.each([
  ["a list", [], /"sinks" is not an object: write an object such as/],
  ["too many", many, /"sinks" has too many sinks: name 8 at most/],
  ["a name of another form", { "A b": NATS }, /has a name that no sink may have: use 1 to 32/],
  ["no kind", { a: { ...NATS, kind: undefined } }, /"sinks.a"/],
  ["another kind", { a: { ...NATS, kind: "kafka" } }, /"sinks.a.kind"/],
  ["an unknown key", { a: { ...NATS, server: "x:1" } }, /"sinks.a.server" is not known/],
  [
    "a server without a port",
    { a: { ...NATS, servers: ["x"] } },
    /"sinks.a.servers\[0\]" is no addr/,
  ],
  [
    "a subject with a wildcard",
    { a: { ...NATS, subject: "ledger.>" } },
    /"sinks.a.subject" is no su/,
  ],
  [
    "a subject of the server",
    { a: { ...NATS, subject: "$JS.API" } },
    /"sinks.a.subject" is no subj/,
  ],
  ["a wallet that is none", { a: { ...BOOKS, walletId: "w" } }, /"sinks.a.walletId" is no id/],
  ["a height below 0", { a: { ...BOOKS, fromHeight: -1 } }, /"sinks.a.fromHeight"/],
  ["a user with a quote", { a: { ...BOOKS, user: "a'b" } }, /"sinks.a.user" is no name/],
])("are refused with %s", (_, sinks, message) => {
  expect(() => load(sinks)).toThrow(ConfigError);
  expect(() => load(sinks)).toThrow(message);
});
