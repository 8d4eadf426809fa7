/** The node's view of itself, its peers and its network, for ListPeers, GetNetwork and GetStatus. */
import {
  ceremonyDeadline,
  ceremonyMembers,
  missingMembers,
} from "../../ledger/ceremony-progress.ts";
import { rulesetAt } from "../../ledger/rulesets.ts";
import type { Pool } from "../../mempool/pool.ts";
import type { Height, ValidatorIndex } from "../../primitives/numbers.ts";
import { quorumOf, type Validator } from "../../primitives/validators.ts";
import type { Store } from "../../storage/contracts.ts";
import type {
  CeremonyInfo,
  NetworkInfo,
  PeerInfo,
  StatusInfo,
} from "../../transport/ledger-api.ts";
import { type Draining, OUT_OF_SERVICE } from "../base/draining.ts";
import type { MemoryWatch } from "../base/memory.ts";
import type { LinkReceiver } from "../peers/link-receiver.ts";
import type { OwnClock } from "../peers/own-clock.ts";
import type { AnswerTimes } from "./answer-times.ts";
import { clockIsOff } from "./clock-refusals.ts";
import { type Shortfall, type ShortfallParts, shortfallsOf } from "./shortfalls.ts";
import type { Waiters } from "./waiters.ts";

export interface StartProgress {
  /** The number of peers that must still answer the check at start (R29); 0 once this node takes part. */
  readonly missing: number;
  /** The highest height that the peers' answers proved to be final; 0 until one proves any. */
  readonly finalHeight: Height;
}

export interface NodeViewParts extends ShortfallParts {
  readonly version: string;
  readonly startedAt: number;
  readonly links: Pick<LinkReceiver, "progressOf">;
  readonly answers: Pick<AnswerTimes, "figures">;
  readonly waiters: Pick<Waiters, "sealedHeight">;
  readonly pool: Pick<Pool, "size">;
  readonly memory: Pick<MemoryWatch, "used">;
  readonly check: StartProgress;
  readonly draining: Pick<Draining, "isOn">;
  readonly store: Pick<Store, "blocks">;
  readonly clock: Pick<OwnClock, "errorMs" | "offsetMs">;
}

/** A healthy node may be this many blocks behind the highest final one: they are on their way. */
const LAG_MAX = 3;

export class NodeView {
  readonly #parts: NodeViewParts;

  constructor(parts: NodeViewParts) {
    this.#parts = parts;
  }

  get isReady(): boolean {
    return this.#notReadyBecause() === undefined;
  }

  get isLagging(): boolean {
    const { consensus, finalizer, check } = this.#parts;
    const { knownFinalHeight } = consensus.core.status();
    const known = Math.max(knownFinalHeight, check.finalHeight);
    return known > finalizer.committed.state.height + LAG_MAX;
  }

  get #members(): readonly Validator[] {
    const { context, finalizer } = this.#parts;
    return context.members(finalizer.committed.state.epoch);
  }

  listPeers(): PeerInfo[] {
    const { self, registry, contacts, links, sealing } = this.#parts;
    const { present } = sealing.outlook;
    const others = this.#members.filter(({ index }) => index !== self.index);
    return others.map((validator) => {
      const held = registry.of(validator.index);
      const { finalHeight, votedHeight, view } = links.progressOf(validator.index);
      return {
        nodeId: validator.id,
        address: held?.address ?? validator.peerAddress,
        publicKey: validator.identityKey,
        clientAddress: held?.clientAddress ?? validator.clientAddress,
        connected: contacts.links.isConnected(validator.index),
        lastHeight: finalHeight,
        votedHeight,
        view,
        sealPresent: present.includes(validator.index),
        silentMs: contacts.silentMs(validator.index),
        registrationNumber: held?.starts ?? 0,
        software: contacts.software.of(validator.index),
        bodiesFrom: contacts.bodies.of(validator.index),
      };
    });
  }

  getNetwork(): NetworkInfo {
    const { context, finalizer, sealing } = this.#parts;
    const { genesis, networkId } = context;
    const { assets, issuers, timings } = genesis;
    const { graceMs, lifetimeMsMax, clockSkewMs } = timings;
    const { keyCertificate, committed } = finalizer;
    const { epoch } = committed.state;
    const validators = this.#members;
    const rules = { assets, issuers, validators, graceMs, lifetimeMsMax, clockSkewMs };
    const { holders: sealHolders } = sealing.outlook;
    const ceremony = this.#ceremony();
    return { networkId, keyCertificate, epoch, ...rules, ceremony, sealHolders };
  }

  getStatus(): StatusInfo {
    const { context, self, version, startedAt, firstView } = this.#parts;
    const { finalizer, sealing, consensus, contacts } = this.#parts;
    const { pool, memory, waiters, store, clock, answers } = this.#parts;
    const { state, header, hash } = finalizer.committed;
    const seals = sealing.outlook;
    const core = consensus.core.status();
    return {
      nodeId: self.id,
      version,
      networkId: context.networkId,
      height: state.height,
      view: core.view,
      epoch: state.epoch,
      blockHash: hash,
      blockTime: header.time,
      stateRoot: header.stateRoot,
      sealedHeight: waiters.sealedHeight,
      notReadyBecause: this.#notReadyBecause(),
      lagging: this.isLagging,
      validatorCount: this.#members.length,
      connectedPeers: this.#connectedPeers(),
      pendingOperations: pool.size,
      memoryPercent: Math.round(memory.used * 100),
      keyFinal: state.ceremony.kind === "final",
      startedAt,
      timedOutViews: core.timedOutViews,
      historyFrom: store.blocks.history.from,
      bodiesFrom: store.blocks.bodiesFrom,
      firstView,
      sealShare: seals.share,
      sealHolders: seals.holders.length,
      sealHoldersPresent: seals.present.length,
      sealMargin: seals.margin,
      reducedBecause: this.shortfalls().map(({ text }) => text),
      ruleset: rulesetAt(context.genesis, state.activation, state.height + 1),
      rulesetMax: context.rulesetMax,
      protocol: contacts.software.own.protocol,
      clockAheadMs: clock.offsetMs,
      answers: answers.figures,
    };
  }

  /** The reasons why the network tolerates fewer failures than it promises, as far as this node knows. */
  shortfalls(): Shortfall[] {
    return shortfallsOf(this.#parts);
  }

  #notReadyBecause(): string | undefined {
    if (this.#parts.draining.isOn) return OUT_OF_SERVICE;
    const silent = this.#parts.check.missing;
    if (silent > 0) {
      return `it is asking its peers for their records of it, and does not vote until ${silent} more have answered`;
    }
    const n = this.#members.length;
    const connected = this.#connectedPeers() + 1;
    if (connected < quorumOf(n)) {
      return `${connected} of ${n} nodes are connected, itself included; ${quorumOf(n)} are needed`;
    }
    const { errorMs } = this.#parts.clock;
    if (errorMs !== undefined) return `${clockIsOff(errorMs)}: it has to be set`;
    if (this.isLagging) return "it is behind the network and catching up";
    const { from, below } = this.#parts.store.blocks.history;
    const missing = from - 1 - below;
    return missing > 0
      ? `it was started from a snapshot, and ${missing} older blocks are still to come`
      : undefined;
  }

  #connectedPeers(): number {
    const { self, contacts } = this.#parts;
    const others = this.#members.filter(({ index }) => index !== self.index);
    return others.filter(({ index }) => contacts.links.isConnected(index)).length;
  }

  #ceremony(): CeremonyInfo {
    const { context, finalizer } = this.#parts;
    const { ceremony: record } = finalizer.committed.state;
    const names = context.members(record.epoch);
    const nameOf = (index: ValidatorIndex) => names[index]?.id ?? "";
    const { attempt } = record;
    const excluded = record.excluded.map(nameOf);
    const members = attempt === 0 ? [] : ceremonyMembers(context, record).map(nameOf);
    switch (record.kind) {
      case "idle": {
        const missing = record.ending?.kind === "deadline" ? record.ending.missing : [];
        return {
          status: "notStarted",
          attempt,
          members,
          missing: missing.map(nameOf),
          excluded,
        };
      }
      case "running": {
        const missing = missingMembers(context, record).map(nameOf);
        const deadline = ceremonyDeadline(context, record);
        return { status: "running", attempt, members, missing, deadline, excluded };
      }
      case "final":
        return { status: "complete", attempt, members, missing: [], excluded };
    }
  }
}
