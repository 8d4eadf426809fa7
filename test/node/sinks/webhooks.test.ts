// The endpoints of a node: added, listed, set back and removed while it runs, kept over its starts, with secrets that leave it
// once. The receiver is a real one, over TLS, with the official library of Standard Webhooks.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type Caller, SOCKET_CALLER } from "../../../src/access/principal.ts";
import { scopeSet } from "../../../src/access/scope.ts";
import { createLog } from "../../../src/node/base/log.ts";
import { realSystem } from "../../../src/node/base/system.ts";
import { WebhookDesk } from "../../../src/node/operator/webhook-desk.ts";
import { WebhookSecrets } from "../../../src/node/sinks/webhook-secrets.ts";
import { Webhooks } from "../../../src/node/sinks/webhooks.ts";
import { utf8 } from "../../../src/primitives/bytes.ts";
import { LIMITS } from "../../../src/primitives/limits.ts";
import { height } from "../../../src/primitives/numbers.ts";
import { KeyRing } from "../../../src/storage/key-ring.ts";
import type { MadeWebhook, NewWebhook } from "../../../src/transport/operator-api.ts";
import { Refusal } from "../../../src/transport/refusal.ts";
import { MemoryAuditSink, memoryAudit } from "../../support/memory-audit.ts";
import { Random } from "../../support/world/random.ts";
import { CALL, WALLETS } from "../clients/list-rig.ts";
import { Receiver } from "./receiver.ts";
import { SinkRig } from "./sink-rig.ts";

const SEED = Number(process.env["SINK_SEED"] ?? Date.now() % 1_000_000);
const CHEAP = { cost: 2, blockSize: 8, parallelization: 1 };
const BEGINNING = height(0);
const [ALICE = ""] = WALLETS;
const REMOTE: Caller = { principal: "token:ops", scopes: scopeSet(["operate"]) };

let home: string;
let rig: SinkRig;
let ring: KeyRing;
let receiver: Receiver;
let webhooks: Webhooks;
let desk: WebhookDesk;
let sink: MemoryAuditSink;
let failures: unknown[];

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), "countersign-webhooks-"));
  rig = await SinkRig.start(new Random(SEED));
  receiver = await Receiver.open();
  sink = new MemoryAuditSink();
  failures = [];
  await start();
});

afterEach(async () => {
  await webhooks.stop();
  receiver.close();
  rmSync(home, { recursive: true, force: true });
  expect(failures).toEqual([]);
});

async function start(): Promise<void> {
  ring = await KeyRing.open(join(home, "keys"), utf8("a passphrase"), CHEAP);
  const log = createLog("test", "silent");
  webhooks = await Webhooks.open({
    records: rig.rig.store.webhooks,
    secrets: new WebhookSecrets(ring),
    feed: rig.feed,
    system: realSystem,
    log,
    fail: (error) => failures.push(error),
  });
  desk = new WebhookDesk({ webhooks, audit: memoryAudit(sink), log });
  webhooks.start();
}

const asked = (more: Partial<NewWebhook> = {}): NewWebhook => ({
  name: "shop",
  url: receiver.url,
  authority: receiver.authority,
  isPrivate: true,
  fromHeight: BEGINNING,
  ...more,
});

async function add(more: Partial<NewWebhook> = {}): Promise<MadeWebhook> {
  const made = await desk.add(asked(more), SOCKET_CALLER);
  if (made instanceof Refusal) return expect.fail(made.message);
  receiver.secret = made.secret;
  return made;
}

function eventsOf(wallet?: (typeof WALLETS)[number]): string[] {
  if (wallet !== undefined) {
    return (rig.rig.model.get(wallet) ?? []).map(({ height: at, index }) => `${at}.${index}`);
  }
  return rig.rig.chain.executed.flatMap(({ block, operations }) =>
    operations.map((_, index) => `${block.header.height}.${index}`),
  );
}

const arrived = (events: readonly string[]) =>
  expect.poll(() => receiver.events, { timeout: 30_000 }).toEqual(events);
const infoOf = (name = "shop") => webhooks.list().find((one) => one.name === name);
const acts = () => sink.lines.map((line) => JSON.parse(line));

it("posts the entries of a wallet, or the whole ledger, signed for the official library", async () => {
  await rig.grow(10);
  await add({ walletId: WALLETS[0] });
  await rig.grow(10);
  await arrived(eventsOf(WALLETS[0]));
  expect(new Set(receiver.taken.map(({ data }) => data.walletId))).toEqual(new Set([ALICE]));
  expect(new Set(receiver.taken.map(({ type }) => type))).toEqual(new Set(["wallet.entries"]));
  await desk.remove("shop", SOCKET_CALLER);
  receiver.taken.length = 0;
  await add({ name: "all" });
  await arrived(eventsOf());
  expect(new Set(receiver.taken.map(({ type }) => type))).toEqual(new Set(["ledger.transactions"]));
  expect(receiver.forged).toBe(0);
});

it("begins with what becomes final from then on, if no height is given", async () => {
  await rig.grow(5);
  const old = eventsOf().length;
  await add({ fromHeight: undefined });
  await rig.grow(5);
  await arrived(eventsOf().slice(old));
});

it("refuses to begin above the next block: a mistyped height would miss events in silence", async () => {
  await rig.grow(5);
  const next = rig.feed.tip + 1;
  expect(await desk.add(asked({ fromHeight: height(next + 1) }), SOCKET_CALLER)).toMatchObject({
    reason: "MALFORMED",
    field: "fromHeight",
    remedy: expect.stringContaining(`a height up to ${next},`),
  });
  expect(webhooks.list()).toEqual([]);
  expect(acts()).toEqual([]);
  const old = eventsOf().length;
  await add({ fromHeight: height(next) });
  await rig.grow(1);
  await arrived(eventsOf().slice(old));
});

it("goes on after a start where it was, with the same secret", async () => {
  await add();
  await rig.grow(5);
  await arrived(eventsOf());
  const before = infoOf();
  await webhooks.stop();
  await rig.grow(5);
  await start();
  await arrived(eventsOf());
  expect(new Set(receiver.asked).size).toBe(receiver.asked.length);
  expect(infoOf()).toMatchObject({ url: before?.url, createdAt: before?.createdAt });
  expect(receiver.forged).toBe(0);
});

it("keeps its secrets encrypted, for the node's user alone, and shows each once", async () => {
  const { secret } = await add();
  const files = readdirSync(join(home, "keys"));
  expect(files).toEqual(["webhook-shop.key.json"]);
  const file = join(home, "keys", files[0] ?? "");
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const bytes = Buffer.from(secret.replace("whsec_", ""), "base64");
  expect(bytes).toHaveLength(32);
  const elsewhere = [
    readFileSync(file),
    Buffer.from(JSON.stringify([webhooks.list(), acts()])),
    ...[...rig.disk.entries.values()].map((value) => Buffer.from(value)),
  ];
  for (const place of elsewhere) {
    expect(place.includes(bytes)).toBe(false);
    expect(place.includes(bytes.toString("base64"))).toBe(false);
    expect(place.includes(bytes.toString("hex"))).toBe(false);
  }
  await desk.remove("shop", SOCKET_CALLER);
  expect(readdirSync(join(home, "keys"))).toEqual([]);
});

it("starts without a secret that is gone, says so, and destroys secrets of no endpoint", async () => {
  await add();
  await webhooks.stop();
  await ring.destroy("webhook-shop");
  await ring.save({ name: "webhook-orphan", kind: "webhookSecret" }, new Uint8Array(32));
  await ring.save({ name: "identity", kind: "identity" }, new Uint8Array(32));
  await start();
  expect(infoOf()?.problem).toMatch(/its secret is gone/);
  expect(await ring.list()).toEqual(["identity"]);
  expect(await desk.redeliver({ name: "shop" }, { ...CALL, caller: SOCKET_CALLER })).toMatchObject({
    problem: expect.stringMatching(/its secret is gone/),
  });
  await desk.remove("shop", SOCKET_CALLER);
  await add();
  await arrived(eventsOf());
});

it("posts everything from a height on again, under the same ids, and passes nothing over", async () => {
  await add();
  await rig.grow(8);
  await arrived(eventsOf());
  const before = [...receiver.asked];
  const call = { ...CALL, caller: SOCKET_CALLER };
  expect(await desk.redeliver({ name: "shop", fromHeight: height(1_000) }, call)).toMatchObject({
    reason: "MALFORMED",
    field: "fromHeight",
  });
  await desk.redeliver({ name: "shop", fromHeight: BEGINNING }, call);
  await expect.poll(() => receiver.asked, { timeout: 30_000 }).toEqual([...before, ...before]);
  await arrived(eventsOf());
});

it("says what is wrong, and ends a wait when the operator asks for the dead letters", async () => {
  receiver.status = 500;
  await add();
  await expect.poll(() => infoOf()?.problem).toBe("the answer has the status 500");
  expect(infoOf()).toMatchObject({ delivered: 0, deadLetters: 0 });
  expect(infoOf()?.failingSince).toBeGreaterThan(0);
  expect(infoOf()?.pendingSince).toBeGreaterThan(0);
  receiver.status = 200;
  const call = { ...CALL, caller: SOCKET_CALLER };
  expect(await desk.redeliver({ name: "shop" }, call)).toMatchObject({ delivered: 0, left: 0 });
  await arrived(eventsOf());
  await expect.poll(() => infoOf()?.problem).toBe("");
  expect(infoOf()).toMatchObject({ failingSince: undefined, pendingSince: undefined });
});

it("refuses endpoints that it cannot have, and takes only so many", async () => {
  const refusal = async (more: Partial<NewWebhook>) => {
    const made = await desk.add(asked(more), SOCKET_CALLER);
    return made instanceof Refusal ? [made.reason, made.field] : expect.fail("it was added");
  };
  for (const name of ["", "Shop", "a b", "-a", "x".repeat(65), "../a"]) {
    expect(await refusal({ name })).toEqual(["MALFORMED", "name"]);
  }
  expect(await refusal({ url: "http://shop.example.org/" })).toEqual(["MALFORMED", "url"]);
  expect(await refusal({ isPrivate: false })).toEqual(["MALFORMED", "url"]);
  const unknown = "00000000-0000-4000-8000-000000000001" as (typeof WALLETS)[number];
  expect(await refusal({ walletId: unknown })).toEqual(["UNKNOWN_WALLET", "walletId"]);
  await add();
  expect(await refusal({})).toEqual(["ID_IN_USE", "name"]);
  for (let i = 1; i < LIMITS.webhooks.endpointsMax; i++) await add({ name: `shop-${i}` });
  expect((await refusal({ name: "one-more" }))[0]).toBe("LIMIT");
  expect(await desk.remove("other", SOCKET_CALLER)).toMatchObject({ reason: "NOT_FOUND" });
  const call = { ...CALL, caller: SOCKET_CALLER };
  expect(await desk.redeliver({ name: "other" }, call)).toMatchObject({ reason: "NOT_FOUND" });
});

it("gives over the network no more than its caller has, and no way into private networks", async () => {
  const publicly = asked({ url: "https://shop.example.org/", isPrivate: false });
  expect(await desk.add(asked(), REMOTE)).toMatchObject({
    reason: "PERMISSION_DENIED",
    field: "privateAddresses",
  });
  expect(await desk.add(publicly, REMOTE)).toMatchObject({
    reason: "PERMISSION_DENIED",
    metadata: { scope: "read:all" },
  });
  const able = { ...REMOTE, scopes: scopeSet(["operate", "read:all"]) };
  expect(await desk.add(publicly, able)).not.toBeInstanceOf(Refusal);
  await desk.remove("shop", able);
});

it("writes a line of the audit log for each change, without the path of the URL", async () => {
  await add({ walletId: WALLETS[0] });
  const call = { ...CALL, caller: SOCKET_CALLER };
  await desk.redeliver({ name: "shop", fromHeight: BEGINNING }, call);
  await desk.remove("shop", SOCKET_CALLER);
  const subject = `shop wallet ${new URL(receiver.url).origin}`;
  const line = { act: "webhook", principal: "socket", subject };
  expect(acts()).toMatchObject(
    ["AddWebhook", "RedeliverWebhook", "RemoveWebhook"].map((name) => ({ ...line, call: name })),
  );
  expect(sink.lines.join()).not.toContain("path-secret");
});

it("changes nothing whose line cannot be written", async () => {
  await add();
  sink.failure = new Error("the disk is full");
  await expect(desk.add(asked({ name: "other" }), SOCKET_CALLER)).rejects.toThrow();
  await expect(desk.remove("shop", SOCKET_CALLER)).rejects.toThrow();
  expect(webhooks.list().map(({ name }) => name)).toEqual(["shop"]);
  expect(await ring.list()).toEqual(["webhook-shop"]);
  await arrived(eventsOf());
});
