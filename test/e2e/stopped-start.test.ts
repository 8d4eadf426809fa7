/** A start may wait for silent peers. A signal stops it at once, and it leaves nothing behind. */
import { readFileSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server } from "node:net";
import { afterEach, expect, it } from "vitest";
import { configFileOf, openDevnetFolder } from "../../src/cli/devnet-folder.ts";
import { type DevnetPlace, leavePlace, newPlace } from "../support/devnet.ts";
import { COUNTERSIGN, GuardedProcess } from "../support/guarded-process.ts";

const LIMIT_MS = 180_000;

let place: DevnetPlace;
let silent: Server;
afterEach(async () => {
  silent.close();
  await leavePlace(place);
});

it("a node that still asks for a snapshot ends well on SIGTERM, and never listens", async () => {
  const dialled = Promise.withResolvers<void>();
  silent = createServer((socket) => {
    socket.on("error", () => undefined);
    dialled.resolve();
  });
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const address = `127.0.0.1:${(silent.address() as AddressInfo).port}`;
  place = await newPlace();
  const folder = await openDevnetFolder({ ...place, folder: place.data, fresh: false });
  const [own = "", ...others] = folder.validators.map(({ id }) => id);
  const file = configFileOf(folder, own);
  const config: object = JSON.parse(readFileSync(file, "utf8"));
  const peers = Object.fromEntries(others.map((id) => [id, address]));
  writeFileSync(file, JSON.stringify({ ...config, peers }));

  const node = new GuardedProcess([...COUNTERSIGN, "node", "--config", file]);
  await Promise.race([dialled.promise, node.until(() => false, LIMIT_MS)]);
  node.signal("SIGTERM");
  expect((await node.ended).code).toBe(0);
  expect(node.output).not.toContain('"msg":"listening"');
  expect(node.output).not.toMatch(/"level":[456]0/);
});
