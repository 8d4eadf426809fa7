/** A node takes the passphrase of its keys from a descriptor, the environment or a credential, by the command as it is installed. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { configFileOf, openDevnetFolder } from "../../src/cli/devnet-folder.ts";
import { type DevnetPlace, leavePlace, newPlace } from "../support/devnet.ts";
import { GuardedProcess, ROOT } from "../support/guarded-process.ts";

const LIMIT_MS = 60_000;

let place: DevnetPlace;
let file: string;
let passphrase: string;
let credentials: string;

beforeAll(async () => {
  place = await newPlace();
  const folder = await openDevnetFolder({ ...place, folder: place.data, fresh: false });
  file = configFileOf(folder, "node1");
  credentials = join(place.home, "credentials");
  mkdirSync(credentials);
  passphrase = join(credentials, "node-key");
  renameSync(join(file, "..", "passphrase"), passphrase);
});
afterAll(async () => {
  await leavePlace(place);
});

/** Starts the node as a shell does after `before`, and ends it once it listens. */
async function startWith(source: string, before: string, redirection = ""): Promise<void> {
  const config: object = JSON.parse(readFileSync(file, "utf8"));
  writeFileSync(file, JSON.stringify({ ...config, passphraseFile: source }));
  const words = [process.execPath, join(ROOT, "bin/countersign.js"), "node", "--config", file];
  const node = new GuardedProcess([
    "sh",
    "-c",
    `${before} exec "$@" ${redirection}`,
    "sh",
    ...words,
  ]);
  await node.until(() => node.stdout.includes('"msg":"listening"'), LIMIT_MS);
  node.signal("SIGTERM");
  expect(await node.ended, node.output).toMatchObject({ code: 0, signal: null });
}

it("a descriptor", () => startWith("fd:3", "", `3< '${passphrase}'`));

it("a variable of the environment", () => {
  const value = readFileSync(passphrase, "utf8").trim();
  return startWith("env:NODE_KEY", `NODE_KEY=${value}; export NODE_KEY;`);
});

it("a credential of systemd", () => {
  return startWith("credential:node-key", `export CREDENTIALS_DIRECTORY='${credentials}';`);
});
