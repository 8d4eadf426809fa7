/**
 * One member of the world: a real node on a disk that is started, stopped, and cut off from power, and the commands
 * of its operator.
 */

import type { LedgerContext } from "../../src/ledger/context.ts";
import { FIRST_EPOCH } from "../../src/ledger/epochs.ts";
import { Amnesia } from "../../src/node/amnesia/amnesia.ts";
import { rejoin } from "../../src/node/amnesia/rejoin.ts";
import type { SigningKey } from "../../src/node/base/crypto.ts";
import type { Log } from "../../src/node/base/log.ts";
import { inlineChecker } from "../../src/node/base/signature-checker.ts";
import type { System } from "../../src/node/base/system.ts";
import { Node } from "../../src/node/node.ts";
import type { Validator } from "../../src/primitives/validators.ts";
import type { PeerApi } from "../../src/transport/peer-api.ts";
import type { PeerClient } from "../../src/transport/peer-client.ts";
import { Refusal } from "../../src/transport/refusal.ts";
import type { SignedRegistration } from "../../src/transport/registration.ts";
import { engineInlineOn } from "../support/inline-engine.ts";
import { memoryAudit } from "../support/memory-audit.ts";
import { twistedApi } from "../support/twisted-api.ts";
import { type ClockPlan, MachineClock } from "../support/world/machine-clock.ts";
import type { Random } from "../support/world/random.ts";
import { HostileMember } from "./byzantine/hostile-member.ts";
import type { HostilityName } from "./byzantine/hostilities.ts";
import { Disk, type DiskParts, PoweredDisk } from "./disk.ts";
import { isJournalOn } from "./journal-on-disk.ts";
import type { Life } from "./life.ts";
import type { Network } from "./network.ts";

export interface MemberParts extends DiskParts {
  readonly context: LedgerContext;
  readonly self: Validator;
  readonly identity: SigningKey;
  readonly custodyKey: SigningKey;
  readonly clockPlan: ClockPlan;
  readonly snapshotBlocksMin: number;
  readonly network: () => Network;
  readonly log: Log;
  /** Called for an event that must not happen. */
  readonly onFailure: (error: unknown) => void;
  readonly onEvent: (what: string) => void;
  /** Test only: a node whose store is lost takes part as if it had never voted. */
  readonly forgets: boolean;
  /** The kind of Byzantine behaviour. */
  readonly hostility?: HostilityName | undefined;
}

export class Member {
  readonly disk: Disk;
  /** Its machine's. */
  readonly clock: MachineClock;
  readonly #parts: MemberParts;
  #life: Life | undefined;
  #stop: Promise<void> | undefined;
  /** Its store was lost, and it has not rejoined since: its peers may know more of its votes than its journal. */
  #isAmnesiac = false;
  /** True if the operator knows that. */
  #mustRejoin = false;
  /** True if its journal was lost at least once. */
  losses = 0;
  /** Absent for an honest member. */
  readonly hostile: HostileMember | undefined;

  constructor(parts: MemberParts) {
    this.#parts = parts;
    this.disk = new Disk(parts);
    this.clock = new MachineClock(() => parts.clock.now, parts.clockPlan);
    if (parts.hostility === undefined) return;
    this.hostile = new HostileMember({
      ...parts,
      hostility: parts.hostility,
      ledger: parts.context,
      life: () => this.listening,
    });
  }

  get index(): number {
    return this.#parts.self.index;
  }

  get isDown(): boolean {
    return this.#life === undefined;
  }

  /** The process that answers calls. */
  get listening(): Life | undefined {
    return this.#life?.peers === undefined ? undefined : this.#life;
  }

  /** The operator's action that makes it take part again; waits for a stop under way. */
  async bringUp(): Promise<void> {
    await this.#stop;
    if (!this.isDown) return;
    if (this.#mustRejoin && !(await this.#rejoin())) return;
    if (this.isDown) await this.#start();
  }

  /** The machine is gone at once, in the middle of any action. */
  powerCut(): void {
    const life = this.#life;
    if (life === undefined) return;
    this.#parts.onEvent("power cut");
    life.poweredDisk.powerCut();
    this.#ended(life, false);
    // A stop releases memory only; nothing reaches the disk or a peer any more.
    life.node?.stop().catch(() => undefined);
  }

  /** Tells the process to stop; kills it if it is still starting. */
  stop(): void {
    const life = this.#life;
    if (life?.node === undefined || life.peers === undefined) {
      this.powerCut();
      return;
    }
    this.#parts.onEvent("stop");
    this.#stop = this.#end(life, life.node);
  }

  async #end(life: Life, node: Node): Promise<void> {
    life.isStopping = true;
    life.peers = undefined;
    life.ledger = undefined;
    await node.stop();
    await life.store?.close();
    if (this.#life === life) this.#ended(life, true);
  }

  /** Loses the store; only while the node is down. `told`: its operator knows, and rejoins before the next start. */
  loseStore(told: boolean): void {
    this.#parts.onEvent("store lost");
    this.losses += 1;
    this.disk.loseStore();
    this.#isAmnesiac = true;
    this.#mustRejoin = told || this.#parts.forgets;
  }

  async #start(): Promise<void> {
    const { context, self, identity, custodyKey, log, network, snapshotBlocksMin } = this.#parts;
    const { hostile } = this;
    const life = this.#begin("start");
    const system = this.#systemOf(life);
    try {
      life.store = await life.poweredDisk.openStore({ networkId: context.networkId });
      const node = await Node.open({
        genesis: context.genesis,
        self: self.index,
        identity,
        custodyKey,
        keyRing: life.poweredDisk.keyRing,
        audit: memoryAudit(undefined, system.wall),
        store: life.store,
        checker: inlineChecker,
        system,
        log,
        version: "simulated",
        openEngine: engineInlineOn(system),
        clientOf: (peer) => {
          const client = this.#watched(life, network().clientOf(life, peer.index));
          return hostile?.twistClient(peer.index, client) ?? client;
        },
        fail: life.fail,
        snapshotBlocksMin,
        signal: life.end.signal,
      });
      if (life.end.signal.aborted) return;
      life.node = node;
      const peers = this.#watchedApi(life, node.peers);
      life.peers = hostile?.twistApi(peers) ?? peers;
      life.ledger = node.ledger;
      node.start();
    } catch (error) {
      life.fail(error);
    }
  }

  /** A1: at the moment at which a registration leaves, its journal's id and its start are on the disk. */
  #expectSynced(life: Life, { registration }: SignedRegistration): void {
    if (life.end.signal.aborted || isJournalOn(this.disk, registration)) return;
    this.#parts.onFailure(new Error("A1: a registration left before its journal was synced"));
  }

  #watched(life: Life, client: PeerClient): PeerClient {
    return {
      ...client,
      register: (signed, limits) => {
        this.#expectSynced(life, signed);
        return client.register(signed, limits);
      },
    };
  }

  #watchedApi(life: Life, api: PeerApi): PeerApi {
    return twistedApi(api, () => ({
      register: async (...call) => {
        const own = await api.register(...call);
        if (!(own instanceof Refusal)) this.#expectSynced(life, own);
        return own;
      },
    }));
  }

  /** False if the wait for answers was cut off. */
  async #rejoin(): Promise<boolean> {
    const { context, self, network, forgets } = this.#parts;
    const life = this.#begin("rejoin");
    try {
      const store = await life.poweredDisk.openStore({ networkId: context.networkId });
      const system = this.#systemOf(life);
      if (forgets) {
        const journalId = system.entropy(16);
        const starts = 1_000_000 * this.losses;
        const identity = { journalId, starts, firstView: 1, amnesiac: false, rejoined: true };
        await store.journalIdentity.save(identity);
      } else {
        const { kind } = await rejoin({
          context,
          epoch: FIRST_EPOCH,
          self,
          checker: inlineChecker,
          store,
          clientOf: (peer) => network().clientOf(life, peer.index),
          system,
          onAnswer: () => undefined,
          signal: life.end.signal,
        });
        if (life.end.signal.aborted) return false;
        // The second attempt: the first command was cut off after the new journal was synced.
        if (kind !== "rejoined" && kind !== "notAmnesiac") throw new Error(`rejoin: ${kind}`);
      }
      await store.close();
      this.#mustRejoin = false;
      this.#isAmnesiac = false;
      this.#ended(life, true);
      return true;
    } catch (error) {
      life.fail(error);
      return false;
    }
  }

  #begin(what: string): Life {
    this.#parts.onEvent(what);
    this.clock.boot(this.#parts.random);
    const poweredDisk = new PoweredDisk(this.disk);
    const life: Life = {
      index: this.index,
      poweredDisk,
      isStopping: false,
      end: new AbortController(),
      fail: (error) => this.#failed(life, error),
    };
    this.#life = life;
    return life;
  }

  #failed(life: Life, error: unknown): void {
    // A machine without power, or a process that ends, reports nothing.
    if (life.end.signal.aborted || life.isStopping) return;
    this.powerCut();
    // A Byzantine member that ends by its own acts is no fault of the honest ones; it stays silent until it is
    // started again.
    if (this.hostile !== undefined) return;
    if (error instanceof Amnesia && this.#isAmnesiac) {
      this.#parts.onEvent("amnesia");
      this.#mustRejoin = true;
      this.#parts.clock.after(REJOIN_MS, () => void this.bringUp());
    } else {
      this.#parts.onFailure(error);
    }
  }

  #ended(life: Life, closed: boolean): void {
    this.#life = undefined;
    life.peers = undefined;
    life.ledger = undefined;
    life.end.abort();
    this.#parts.network().left(this.index, closed);
  }

  #systemOf(life: Life): System {
    const { clock, random } = this.#parts;
    return {
      monotonic: () => this.clock.monotonic,
      wall: () => this.clock.wall,
      after: (delayMs, action) => {
        const due = this.clock.monotonic + Math.max(0, delayMs);
        let cancel = (): void => undefined;
        const wait = (leftMs: number): void => {
          cancel = clock.after(this.clock.worldMs(leftMs), () => {
            if (life.end.signal.aborted) return;
            const { isAsleep, monotonic } = this.clock;
            if (isAsleep || monotonic < due) wait(due - monotonic);
            else action();
          });
        };
        wait(delayMs);
        return () => cancel();
      },
      entropy: (length) => entropyOf(random, length),
    };
  }
}

/** The time until the operator has read why the node ended. */
const REJOIN_MS = 500;

function entropyOf(random: Random, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => random.below(256));
}
