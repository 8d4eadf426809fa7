/** What a node tells of itself and of the network: reads from the committed state, nothing more. */
import type { CoreStatus } from "../../consensus/core.ts";
import {
  ceremonyDeadline,
  ceremonyMembers,
  keyCertificateSoFar,
  missingMembers,
} from "../../ledger/ceremony.ts";
import type { KeyCertificate } from "../../primitives/key-certificate.ts";
import type { ValidatorIndex } from "../../primitives/numbers.ts";
import { quorumOf, type Validator } from "../../primitives/validators.ts";
import type { History } from "../../storage/history.ts";
import type {
  CeremonyInfo,
  NetworkInfo,
  PeerInfo,
  StatusInfo,
} from "../../transport/ledger-api.ts";
import type { Committed } from "../execution/finalizer.ts";
import type { OwnClock } from "../peers/own-clock.ts";
import type { Registry } from "../peers/registry.ts";
import { clockIsOff } from "./clock-refusals.ts";
import { type Shortfall, type ShortfallParts, shortfallsOf } from "./shortfalls.ts";

export interface NodeViewParts extends ShortfallParts {
  readonly version: string;
  readonly startedAt: number;
  readonly committed: () => Committed;
  readonly core: () => CoreStatus;
  readonly registry: Registry;
  readonly lastHeight: (peer: ValidatorIndex) => number;
  /** Undefined if nothing was ever heard of it. */
  readonly silentMs: (peer: ValidatorIndex) => number | undefined;
  readonly sealedHeight: () => number;
  readonly pendingOperations: () => number;
  /** 0 to 1. */
  readonly usedMemory: () => number;
  /** How many peers must still say what they remember of this node before it takes part; 0: it does. */
  readonly missingRecollections: () => number;
  readonly history: () => History;
  readonly clock: Pick<OwnClock, "errorMs" | "offsetMs">;
}

/** Blocks behind what is known to be final that a node in good health may be: they are on their way. */
const LAG_MAX = 3;

export class NodeView {
  readonly #parts: NodeViewParts;

  constructor(parts: NodeViewParts) {
    this.#parts = parts;
  }

  /** The group key's certificate, once the key is final. */
  get keyCertificate(): KeyCertificate | undefined {
    const { ceremony } = this.#parts.committed().state;
    return ceremony.kind === "final"
      ? keyCertificateSoFar(this.#parts.context, ceremony)
      : undefined;
  }

  get isLagging(): boolean {
    const { committed, core } = this.#parts;
    return core().knownFinalHeight > committed().state.height + LAG_MAX;
  }

  get #members(): readonly Validator[] {
    const { context, committed } = this.#parts;
    return context.members(committed().state.epoch);
  }

  listPeers(): PeerInfo[] {
    const { self, registry, isConnected, lastHeight, silentMs } = this.#parts;
    const others = this.#members.filter(({ index }) => index !== self.index);
    return others.map((validator) => {
      const held = registry.of(validator.index);
      return {
        nodeId: validator.id,
        address: held?.address ?? validator.peerAddress,
        publicKey: validator.identityKey,
        clientAddress: held?.clientAddress ?? validator.clientAddress,
        connected: isConnected(validator.index),
        lastHeight: lastHeight(validator.index),
        silentMs: silentMs(validator.index),
        registrationNumber: held?.starts ?? 0,
      };
    });
  }

  getNetwork(): NetworkInfo {
    const { context, committed } = this.#parts;
    const { genesis, networkId } = context;
    const { assets, issuers, timings } = genesis;
    const { graceMs, lifetimeMsMax, clockSkewMs } = timings;
    const { keyCertificate } = this;
    const { epoch } = committed().state;
    const validators = this.#members;
    const rules = { assets, issuers, validators, graceMs, lifetimeMsMax, clockSkewMs };
    const { holders: sealHolders } = this.#parts.sealing();
    const ceremony = this.#ceremony();
    return { networkId, keyCertificate, epoch, ...rules, ceremony, sealHolders };
  }

  getStatus(): StatusInfo {
    const { context, self, version, startedAt, firstView } = this.#parts;
    const { state, header, hash } = this.#parts.committed();
    const seals = this.#parts.sealing();
    return {
      nodeId: self.id,
      version,
      networkId: context.networkId,
      height: state.height,
      view: this.#parts.core().view,
      epoch: state.epoch,
      blockHash: hash,
      blockTime: header.time,
      stateRoot: header.stateRoot,
      sealedHeight: this.#parts.sealedHeight(),
      notReadyBecause: this.#notReadyBecause(),
      lagging: this.isLagging,
      validatorCount: this.#members.length,
      connectedPeers: this.#connectedPeers(),
      pendingOperations: this.#parts.pendingOperations(),
      memoryPercent: Math.round(this.#parts.usedMemory() * 100),
      keyFinal: state.ceremony.kind === "final",
      startedAt,
      timedOutViews: this.#parts.core().timedOutViews,
      historyFrom: this.#parts.history().from,
      firstView,
      sealShare: seals.share,
      sealHolders: seals.holders.length,
      sealHoldersPresent: seals.present.length,
      sealMargin: seals.margin,
      reducedBecause: this.shortfalls().map(({ text }) => text),
      clockAheadMs: this.#parts.clock.offsetMs,
    };
  }

  /** Why the network bears fewer failures than it promises, as far as this node knows. */
  shortfalls(): Shortfall[] {
    return shortfallsOf(this.#parts);
  }

  #notReadyBecause(): string | undefined {
    const silent = this.#parts.missingRecollections();
    if (silent > 0) {
      return `it asks its peers what they remember of it, and says nothing before ${silent} more have answered`;
    }
    const n = this.#members.length;
    const connected = this.#connectedPeers() + 1;
    if (connected < quorumOf(n)) {
      return `${connected} of ${n} nodes are connected, itself included; ${quorumOf(n)} are needed`;
    }
    const { errorMs } = this.#parts.clock;
    if (errorMs !== undefined) return `${clockIsOff(errorMs)}: it has to be set`;
    if (this.isLagging) return "it is behind the network and catching up";
    const { from, below } = this.#parts.history();
    const missing = from - 1 - below;
    return missing > 0
      ? `it was started from a snapshot, and ${missing} older blocks are still to come`
      : undefined;
  }

  #connectedPeers(): number {
    const { self, isConnected } = this.#parts;
    const isPresent = (index: ValidatorIndex) => index !== self.index && isConnected(index);
    return this.#members.filter(({ index }) => isPresent(index)).length;
  }

  #ceremony(): CeremonyInfo {
    const { context, committed } = this.#parts;
    const { ceremony: record } = committed().state;
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
