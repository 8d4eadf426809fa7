/** This node's part in the group key and its seals: ceremony, seal driver, and the verification between peers. */
import { ceremonyContext } from "../../ledger/ceremony-progress.ts";
import type { LedgerContext } from "../../ledger/context.ts";
import type { Epoch, ValidatorIndex } from "../../primitives/numbers.ts";
import type { SealSuite } from "../../seal/suite.ts";
import type { Store } from "../../storage/contracts.ts";
import type { PeerLinks } from "../../transport/peer-links.ts";
import { type SigningKey, sha256 } from "../base/crypto.ts";
import type { Log } from "../base/log.ts";
import type { SignatureChecker } from "../base/signature-checker.ts";
import type { System } from "../base/system.ts";
import type { ExecutedBlock } from "../execution/application.ts";
import type { Finalizer } from "../execution/finalizer.ts";
import type { Intake } from "../intake/intake.ts";
import { CeremonyKeys, type SecretKeys } from "./ceremony-keys.ts";
import { CeremonyRunner } from "./ceremony-runner.ts";
import { SealDriver, type SealListener } from "./seal-driver.ts";
import { type SealOutlook, sealOutlook } from "./seal-outlook.ts";
import type { OpenEngine } from "./seal-thread.ts";
import {
  type HeightWaiters,
  type VerificationPeers,
  VerificationRelay,
} from "./verification-relay.ts";

export interface SealingParts {
  readonly context: LedgerContext;
  readonly epoch: Epoch;
  readonly suite: SealSuite;
  readonly self: ValidatorIndex;
  /** Number of this start of the node. */
  readonly run: number;
  readonly identity: SigningKey;
  readonly keyRing: SecretKeys;
  readonly store: Store;
  readonly finalizer: Pick<Finalizer, "committed">;
  readonly intake: Pick<Intake, "fromClient">;
  readonly contacts: VerificationPeers & { readonly links: PeerLinks };
  readonly waiters: SealListener & HeightWaiters;
  readonly checker: SignatureChecker;
  readonly openEngine: OpenEngine;
  readonly system: System;
  readonly log: Log;
  readonly fail: (error: unknown) => void;
}

export class Sealing {
  readonly #parts: SealingParts;
  readonly #keys: CeremonyKeys;
  readonly #ceremony: CeremonyRunner;
  /** Handles seals from peers, and requests for shares once they are verified. */
  readonly driver: SealDriver;
  /** Answers peers that ask for a share. */
  readonly relay: VerificationRelay;

  constructor(parts: SealingParts) {
    this.#parts = parts;
    const { context, suite, self, identity, intake, system, log, fail } = parts;
    const keys = new CeremonyKeys(parts.keyRing);
    this.#keys = keys;
    this.driver = createDriver(parts);
    this.relay = createRelay(parts, this.driver);
    this.#ceremony = new CeremonyRunner({
      context,
      suite,
      self,
      identity,
      keys,
      intake,
      system,
      log,
      fail,
    });
  }

  start(): void {
    this.#follow();
  }

  async stop(): Promise<void> {
    this.#ceremony.stop();
    await this.driver.close();
  }

  /** Called when blocks are durable. */
  committed(blocks: readonly ExecutedBlock[]): void {
    for (const { block } of blocks) this.driver.committed(block.header.height, block.headerBytes);
    this.#follow();
  }

  /** The members that can take part in a seal now. */
  get outlook(): SealOutlook {
    const { context, self, contacts, finalizer } = this.#parts;
    const { state } = finalizer.committed;
    return sealOutlook({ context, self, state, driver: this.driver, links: contacts.links });
  }

  /** Does what the committed state asks for: the next ceremony step, or sealing once the key is final. */
  #follow(): void {
    const { context, finalizer, fail } = this.#parts;
    const { state } = finalizer.committed;
    const { ceremony } = state;
    this.#ceremony.observe(state);
    if (ceremony.kind !== "final" || this.driver.isOpen) return;
    const key = { ...ceremony.outcome, context: ceremonyContext(context, ceremony) };
    this.driver.open(key, this.#keys, this.relay).catch(fail);
  }
}

function createDriver(parts: SealingParts): SealDriver {
  const { context, epoch, self, run, contacts, finalizer, store, waiters } = parts;
  const { openEngine, system, log, fail } = parts;
  return new SealDriver({
    self,
    validators: context.members(epoch).length,
    run,
    sealTimeoutMs: context.genesis.timings.sealTimeoutMs,
    links: contacts.links,
    finalizer,
    store,
    waiters,
    openEngine,
    system,
    log,
    fail,
  });
}

function createRelay(parts: SealingParts, driver: SealDriver): VerificationRelay {
  const { context, epoch, self, identity, checker, store, contacts, waiters, system, log } = parts;
  return new VerificationRelay({
    networkId: context.networkId,
    validators: context.members(epoch),
    self,
    identity,
    hash: sha256,
    checker,
    store,
    driver,
    waiters,
    peers: contacts,
    // Waits only for a height that is about to come: half of its coordinator's patience.
    commitWaitMs: context.genesis.timings.sealTimeoutMs / 2,
    system,
    log,
  });
}
