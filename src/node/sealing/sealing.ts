/** This node's part in the group key and in the seals made with it: ceremony, seal driver, and what peers verify. */
import { ceremonyContext } from "../../ledger/ceremony.ts";
import type { LedgerContext } from "../../ledger/context.ts";
import { type Height, height, type ValidatorIndex } from "../../primitives/numbers.ts";
import type { SignedOperation } from "../../primitives/operation.ts";
import type { Signature } from "../../primitives/signature.ts";
import type { Validator } from "../../primitives/validators.ts";
import type { SealSuite } from "../../seal/suite.ts";
import type { SealTarget } from "../../seal/target.ts";
import type { Store } from "../../storage/contracts.ts";
import type { PeerLinks } from "../../transport/peer-links.ts";
import type { Refusal } from "../../transport/refusal.ts";
import type { SignedVerification, VerificationAnswer } from "../../transport/verification.ts";
import { type Signer, sha256 } from "../base/crypto.ts";
import type { Log } from "../base/log.ts";
import { inlineChecker } from "../base/signature-checker.ts";
import type { System } from "../base/system.ts";
import type { ExecutedBlock } from "../execution/application.ts";
import type { Committed } from "../execution/finalizer.ts";
import { CeremonyKeys, type SecretKeys } from "./ceremony-keys.ts";
import { CeremonyRunner } from "./ceremony-runner.ts";
import { SealDriver } from "./seal-driver.ts";
import { type SealOutlook, sealOutlook } from "./seal-outlook.ts";
import type { OpenEngine } from "./seal-thread.ts";
import { VerificationRelay } from "./verification-relay.ts";

export interface SealingParts {
  readonly context: LedgerContext;
  readonly validators: readonly Validator[];
  readonly suite: SealSuite;
  readonly self: ValidatorIndex;
  /** Number of this start of the node. */
  readonly run: number;
  readonly identity: Signer;
  readonly keyRing: SecretKeys;
  readonly store: Store;
  readonly system: System;
  readonly log: Log;
  readonly openEngine: OpenEngine;
  readonly links: PeerLinks;
  readonly committed: () => Committed;
  readonly call: (
    peer: ValidatorIndex,
    signed: SignedVerification,
  ) => Promise<VerificationAnswer | undefined>;
  /** Hands a ceremony step in like any operation of this node. */
  readonly submit: (operation: SignedOperation) => Promise<void>;
  readonly onSealed: (height: Height) => void;
  /** Settles when the height is committed here, or soon enough. */
  readonly whenCommitted: (height: Height) => Promise<void>;
  readonly fail: (error: unknown) => void;
}

export class Sealing {
  readonly #parts: SealingParts;
  readonly #keys: CeremonyKeys;
  readonly #driver: SealDriver;
  readonly #relay: VerificationRelay;
  readonly #ceremony: CeremonyRunner;
  /** Members that sent something wrong, and are asked no more by this run. */
  readonly #blamed = new Set<ValidatorIndex>();

  constructor(parts: SealingParts) {
    this.#parts = parts;
    this.#keys = new CeremonyKeys(parts.keyRing);
    this.#driver = this.#createDriver();
    this.#relay = this.#createRelay();
    this.#ceremony = new CeremonyRunner({ ...parts, keys: this.#keys });
  }

  start(): void {
    this.#follow();
  }

  async stop(): Promise<void> {
    this.#ceremony.stop();
    await this.#driver.close();
  }

  /** Blocks are durable here. */
  committed(blocks: readonly ExecutedBlock[]): void {
    for (const { block } of blocks) this.#driver.committed(block.header.height, block.headerBytes);
    this.#follow();
  }

  /** A peer says that this is a seal. */
  received(from: ValidatorIndex, target: SealTarget, seal: Signature): void {
    this.#driver.received(from, target, seal);
  }

  /** A link went down. */
  linksChanged(): void {
    this.#driver.linksChanged();
  }

  answer(
    signed: SignedVerification,
    caller: ValidatorIndex | undefined,
  ): Promise<VerificationAnswer | Refusal> {
    return this.#relay.answer(signed, caller);
  }

  /** Who can take part in a seal now. */
  get outlook(): SealOutlook {
    const { context, self, links, committed } = this.#parts;
    return sealOutlook({
      context,
      self,
      state: committed().state,
      hasShare: this.#driver.hasShare,
      isUsable: (peer) => links.isConnected(peer) && !this.#blamed.has(peer),
    });
  }

  isBlamed(member: ValidatorIndex): boolean {
    return this.#blamed.has(member);
  }

  /** Does what the committed state asks for: the next ceremony step, or sealing once the key is final. */
  #follow(): void {
    const { context, committed, store, fail } = this.#parts;
    const { state } = committed();
    const { ceremony } = state;
    this.#ceremony.observe(state);
    if (ceremony.kind !== "final" || this.#driver.isOpen) return;
    const key = { ...ceremony.outcome, context: ceremonyContext(context, ceremony) };
    const chain = {
      tip: () => committed().state.height,
      computedFrom: height(store.blocks.history.snapshot + 1),
      header: (at: Height) => store.blocks.loadHeader(at),
    };
    this.#driver.open(key, this.#keys, chain).catch(fail);
  }

  #createDriver(): SealDriver {
    const { validators, context, store, links, log } = this.#parts;
    return new SealDriver({
      ...this.#parts,
      validators: validators.length,
      sealTimeoutMs: context.genesis.timings.sealTimeoutMs,
      isLinked: (peer) => links.isConnected(peer),
      seals: store.seals,
      ask: (to, request) => this.#relay.ask(to, request),
      notify: (to, target, seal) => links.send(to, { seals: [{ kind: "notice", target, seal }] }),
      blame: (member, reason) => {
        this.#blamed.add(member);
        log.warn({ member, reason }, "a signer is left out of sealing");
      },
    });
  }

  #createRelay(): VerificationRelay {
    const { context, store } = this.#parts;
    return new VerificationRelay({
      ...this.#parts,
      networkId: context.networkId,
      hash: sha256,
      checker: inlineChecker,
      evidence: store.evidence,
      header: (at) => store.blocks.loadHeader(at),
      driver: () => this.#driver,
    });
  }
}
