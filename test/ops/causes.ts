/** Causes of alerts: what is broken in a network, which alerts it raises, and how it ends. */
import { readdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { sha256 } from "../../src/node/base/crypto.ts";
import { toHex, utf8 } from "../../src/primitives/bytes.ts";
import type { WalletId } from "../../src/primitives/ids.ts";
import { height } from "../../src/primitives/numbers.ts";
import { Refusal } from "../../src/transport/refusal.ts";
import { ISSUER } from "../node/access/authorization-server.ts";
import { openCustodial, until } from "../node/network.ts";
import { freePort } from "../support/free-ports.ts";
import type { LabelSet } from "../support/promql/evaluate.ts";
import {
  deaf,
  equivocate,
  overdraw,
  pay,
  payTo,
  refuse,
  refusedCall,
  type Scene,
  unavailable,
} from "./acts.ts";

export interface Cause {
  /** Alerts by name, each with labels of what it is about. */
  readonly alerts: Readonly<Record<string, LabelSet>>;
  /** Breaks it; the returned function ends the cause. */
  readonly begin: (scene: Scene) => Promise<() => Promise<void> | void>;
  /** Done before each round, by its number, while the cause lasts, and while the alerts are to clear. */
  readonly during?: (scene: Scene, round: number) => Promise<void>;
  readonly after?: (scene: Scene, round: number) => Promise<void>;
  /** Seconds from one round to the next; absent: 60. */
  readonly intervalS?: number;
  /** Seconds that pass before the alerts are to clear, because their rules look back so far. */
  readonly passS?: number;
  /** Tried in a share too (`npm test -- test/ops`). */
  readonly isQuick?: boolean;
}

const DAY_MS = 86_400_000;
const DAY_S = 86_400;
/** Below Prometheus' five minutes, after which a sample is too old. */
const LONG_INTERVAL_S = 240;

export const CAUSES: Readonly<Record<string, Cause>> = {
  "a member is down": {
    alerts: {
      CountersignNodeDown: { instance: "node4" },
      CountersignToleranceReduced: { instance: "node1" },
      CountersignLinkDown: { instance: "node1", peer: "node4" },
      CountersignSealMarginGone: { instance: "node1" },
    },
    begin: async ({ network }) => {
      await network.node(3).stop();
      return () => network.node(3).start();
    },
    isQuick: true,
  },
  "payments go on without a leader": {
    alerts: { CountersignLeaderSkipped: { instance: "node1" } },
    begin: async (scene) => {
      await scene.network.node(3).stop();
      return () => scene.network.node(3).start();
    },
    during: everyFew(4, pay),
    after: pay,
  },
  "two of four members are down": {
    alerts: {
      CountersignNotReady: { instance: "node1" },
      CountersignNoSeals: { instance: "node1" },
    },
    begin: async ({ network }) => {
      await Promise.all([network.node(2).stop(), network.node(3).stop()]);
      return async () => {
        await Promise.all([network.node(2).start(), network.node(3).start()]);
      };
    },
    isQuick: true,
  },
  "two of four members hear nothing of the others": {
    alerts: { CountersignStalled: { instance: "node1" } },
    begin: async (scene) => {
      const end = scene.network.twist([2, 3], deaf);
      // Its caller may give up before the others hear again.
      const paid = pay(scene).catch(() => undefined);
      return async () => {
        end();
        await paid;
      };
    },
  },
  "no member gives its part in a seal": {
    alerts: { CountersignSealsBehind: { instance: "node1" } },
    begin: async (scene) => {
      const end = scene.network.twist([0, 1, 2, 3], () => ({ verification: refuse }));
      for (let payment = 0; payment < 40; payment++) await pay(scene);
      return end;
    },
  },
  "a member that was away is given no blocks": {
    alerts: { CountersignBehind: { instance: "node4" } },
    begin: async (scene) => {
      const { network } = scene;
      await network.node(3).stop();
      for (let payment = 0; payment < 8; payment++) await pay(scene);
      const end = network.twist([0, 1, 2], () => ({ fetchBlocks: refuse }));
      await network.node(3).start();
      return end;
    },
  },
  "a wall clock is wrong": {
    alerts: { CountersignClockOff: { instance: "node3" } },
    begin: async ({ network }) => {
      network.clocks.set(2, 4_000);
      return () => network.clocks.set(2, 0);
    },
  },
  "a certificate expires in 20 days": {
    alerts: { CountersignCertificateExpires: { instance: "node2" } },
    begin: async ({ network }) => {
      await network.node(1).renewCertificate(20);
      return () => network.node(1).renewCertificate();
    },
    intervalS: LONG_INTERVAL_S,
    isQuick: true,
  },
  "a member signs two votes": {
    alerts: { CountersignEvidence: { instance: "node1" } },
    begin: async (scene) => {
      await equivocate(scene);
      return () => undefined;
    },
    passS: DAY_S / 4,
    isQuick: true,
  },
  "a node's memory is used up": {
    alerts: { CountersignMemoryShort: { instance: "node2" } },
    begin: async ({ network }) => {
      const node = network.node(1);
      const read = node.readMemory;
      node.readMemory = () => 0.65;
      node.passMinute();
      return () => {
        node.readMemory = read;
        node.passMinute();
      };
    },
    isQuick: true,
  },
  "a disk is nearly full": {
    alerts: { CountersignDiskShort: { instance: "node2" } },
    begin: async ({ network }) => {
      const node = network.node(1);
      const ample = node.space;
      node.space = { ...ample, free: 4e9 };
      return () => {
        node.space = ample;
      };
    },
    isQuick: true,
  },
  "a disk is slow": {
    alerts: { CountersignDiskSlow: { instance: "node2" } },
    begin: async ({ network }) => {
      const disk = network.cluster.disk(1);
      disk.slowness = () => setTimeout(150);
      return () => {
        disk.slowness = undefined;
      };
    },
    during: everyFew(4, pay),
    after: everyFew(4, pay),
  },
  "another program takes the processor": {
    alerts: { CountersignEventLoopLate: { instance: "node1" } },
    begin: async () => () => undefined,
    during: async () => {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400);
    },
  },
  "a call of clients throws": {
    alerts: { CountersignCallsFail: { instance: "node2" } },
    begin: async ({ network }) => {
      const node = network.node(1);
      node.fault = new Error("a fault of this program");
      return () => {
        node.fault = undefined;
      };
    },
    // The second round: until then no call has failed, as on a node that is new.
    during: async ({ network }, round) => {
      if (round === 1) await refusedCall(network, (calls) => calls.getNetwork({}));
    },
    passS: 600,
    isQuick: true,
  },
  "orders come too fast": {
    alerts: { CountersignOrdersRefused: { instance: "node2" } },
    begin: async () => () => undefined,
    during: async (scene, round) => {
      if (round === 1) await overdraw(scene);
    },
    passS: 300,
    isQuick: true,
  },
  "a member sponsors many wallets without money": {
    alerts: { CountersignQuotaNearlyUsed: { instance: "node1", member: "node2" } },
    begin: async (scene) => {
      const { network } = scene;
      const wallets: WalletId[] = [];
      // One caller has a burst, and then a rate.
      const open = () => openCustodial(network.cluster, 1);
      while (wallets.length < 55) wallets.push(await until("a wallet", open));
      return async () => {
        for (const to of wallets.slice(0, 15)) await payTo(scene, to);
      };
    },
  },
  "credentials are guessed": {
    alerts: { CountersignCredentialsGuessed: { instance: "node2" } },
    begin: async () => () => undefined,
    during: async ({ network }, round) => {
      if (round !== 1) return;
      for (let guess = 0; guess < 12; guess++) {
        const authorization = `Bearer cs_${toHex(sha256(utf8(`guess ${guess}`)))}`;
        await refusedCall(network, (calls) => calls.getStatus({}, { headers: { authorization } }));
      }
    },
    passS: 600,
    isQuick: true,
  },
  "a caller's last token expires in ten days": {
    alerts: { CountersignTokenExpires: { instance: "node2" } },
    begin: async ({ network }) => {
      const create = async (days: number, further: boolean) => {
        const { tokens } = network.node(1).access;
        const expiresAt = Date.now() + days * DAY_MS;
        const asked = { name: "shop", scopes: ["read"] as const, expiresAt, further };
        const made = await tokens.create(asked, async () => undefined);
        if (made instanceof Refusal) throw new Error(made.message);
      };
      await create(10, false);
      return () => create(90, true);
    },
    intervalS: LONG_INTERVAL_S,
    isQuick: true,
  },
  "an authorization server has never given its keys": {
    alerts: { CountersignKeySetMissing: { instance: "node3", issuer: ISSUER } },
    begin: async ({ network }) => {
      const { keyServer } = network;
      network.node(2).distrust();
      keyServer.answer(unavailable);
      await network.node(2).trust(keyServer);
      return async () => {
        keyServer.reset();
        await network.node(2).trust(keyServer);
      };
    },
    isQuick: true,
  },
  "an authorization server gives its keys no more": {
    alerts: { CountersignKeySetOld: { instance: "node3", issuer: ISSUER } },
    begin: async ({ network }) => {
      const { keyServer } = network;
      await network.node(2).trust(keyServer);
      keyServer.answer(unavailable);
      network.node(2).passHour();
      await network.node(2).trust(keyServer);
      return async () => {
        keyServer.reset();
        await network.node(2).trust(keyServer);
      };
    },
    isQuick: true,
  },
  "a webhook's receiver is down for an hour": {
    alerts: { CountersignSinkLate: { instance: "node2", sink: "shop" } },
    begin: async ({ network }) => {
      const remove = await addWebhook(network);
      network.node(1).passHour();
      return remove;
    },
    isQuick: true,
  },
  "a webhook is given up after a day": {
    alerts: { CountersignDeadLetters: { instance: "node2", sink: "shop" } },
    begin: async ({ network }) => {
      const remove = await addWebhook(network);
      const { webhooks } = network.node(1);
      const info = () => webhooks.list()[0];
      await until("a first failure", async () => info()?.failingSince !== undefined);
      for (let hour = 0; hour <= 24; hour++) network.node(1).passHour();
      const signal = new AbortController().signal;
      await until("a dead letter", async () => {
        // Ends the wait for the next attempt.
        await webhooks.redeliver("shop", undefined, { signal, announce: async () => undefined });
        return (info()?.deadLetters ?? 0) > 0;
      });
      return remove;
    },
    isQuick: true,
  },
  "the audit log outgrows its room": {
    alerts: { CountersignAuditLogRemoved: { instance: "node3" } },
    begin: async () => () => undefined,
    during: async ({ network }, round) => {
      const { audit } = network.node(2);
      const removed = audit.removed;
      if (round !== 1) return;
      while (audit.removed === removed) await openCustodial(network.cluster, 2, { balance: 1n });
    },
    passS: DAY_S,
    isQuick: true,
  },
  "the audit log is taken away": {
    alerts: { CountersignAuditLogDamaged: { instance: "node1" } },
    begin: async ({ network }) => {
      const { auditFolder } = network.node(0);
      const newest = (await readdir(auditFolder)).sort().at(-1) ?? "";
      const path = join(auditFolder, newest);
      await rename(path, `${path}.away`);
      return () => rename(`${path}.away`, path);
    },
    isQuick: true,
  },
  // A leader that fails in a few turns is skipped then, and costs no timeout for many turns. But at most one of four is (R5).
  "one leader after another ends": {
    alerts: { CountersignViewsTimeOut: { instance: "node1" } },
    begin: async () => () => undefined,
    during: async (scene, round) => {
      const leader = scene.network.node(1 + (round % 3));
      await leader.stop();
      for (let payment = 0; payment < 5; payment++) await pay(scene);
      await leader.start();
    },
    passS: 600,
  },
};

/** Does it before each round whose number is a multiple of `step`. */
function everyFew(step: number, act: (scene: Scene) => Promise<void>) {
  return async (scene: Scene, round: number) => {
    if (round % step === 0) await act(scene);
  };
}

/** An endpoint of the second node at which nothing listens, which gets the whole chain; the answer removes it. */
async function addWebhook(network: Scene["network"]): Promise<() => Promise<void>> {
  const { webhooks } = network.node(1);
  const announce = async () => undefined;
  const url = `http://127.0.0.1:${await freePort(1)}/`;
  const asked = { name: "shop", url, isPrivate: true, fromHeight: height(0) };
  const made = await webhooks.add(asked, announce);
  if (made instanceof Refusal) throw new Error(made.message);
  return async () => void (await webhooks.remove("shop", announce));
}
