/** This node's part in the group key and its seals: ceremony, seal driver, and the verification between peers. */
import { ceremonyContext } from "../../ledger/ceremony-progress.ts";
import type { LedgerContext } from "../../ledger/context.ts";
import type { Epoch, Height, ValidatorIndex } from "../../primitives/numbers.ts";
import type { SealSuite } from "../../seal/suite.ts";
import type { Store } from "../../storage/contracts.ts";
import type { PeerLinks } from "../../transport/peer-links.ts";
import { type SigningKey, sha256 } from "../base/crypto.ts";
import type { Log } from "../base/log.ts";
import type { SignatureChecker } from "../base/signature-checker.ts";
import type { System } from "../base/system.ts";
import type { TraceObserver } from "../base/trace-observer.ts";
import type { ExecutedBlock } from "../execution/application.ts";
import type { Finalizer } from "../execution/finalizer.ts";
import type { Intake } from "../intake/intake.ts";
import { CeremonyKeys, type SecretKeys } from "./ceremony-keys.ts";
import { CeremonyRunner } from "./ceremony-runner.ts";
import { EngineSlot } from "./engine-slot.ts";
import { SealDriver } from "./seal-driver.ts";
import { SealKeeper, type SealListener } from "./seal-keeper.ts";
import { type SealOutlook, sealOutlook } from "./seal-outlook.ts";
import { SealSchedule } from "./seal-schedule.ts";
import type { OpenEngine } from "./seal-thread.ts";
import { type HeightWaiters, ShareAnswers } from "./share-answers.ts";
import { ShareRequests, type VerificationPeers } from "./share-requests.ts";
import { VerificationStatements } from "./verification-statements.ts";

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
  readonly traces?: TraceObserver | undefined;
}

export class Sealing {
  readonly #parts: SealingParts;
  readonly #keys: CeremonyKeys;
  readonly #ceremony: CeremonyRunner;
  readonly driver: SealDriver;
  /** Handles seals from peers. */
  readonly keeper: SealKeeper;
  /** Answers peers that ask for a share. */
  readonly shares: ShareAnswers;

  constructor(parts: SealingParts) {
    this.#parts = parts;
    const { context, suite, self, identity, intake, system, log, fail } = parts;
    const keys = new CeremonyKeys(parts.keyRing);
    this.#keys = keys;
    const { driver, keeper, shares } = createParts(parts);
    this.driver = driver;
    this.keeper = keeper;
    this.shares = shares;
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

  /** `finalHeight`: the highest height that the answers to the check at start proved to be final (R29). */
  start(finalHeight: Height): void {
    this.#ceremony.start(finalHeight);
    this.#follow();
  }

  async stop(): Promise<void> {
    this.#ceremony.stop();
    this.keeper.stop();
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
    this.driver.open(key, this.#keys).catch(fail);
  }
}

/** Creates the parts of sealing on one engine, one schedule and one set of statements. */
function createParts(parts: SealingParts): Pick<Sealing, "driver" | "keeper" | "shares"> {
  const { context, epoch, self, run, identity, checker, contacts, finalizer } = parts;
  const { store, waiters, system, log, fail, traces } = parts;
  const { networkId } = context;
  const { sealTimeoutMs } = context.genesis.timings;
  const validators = context.members(epoch);
  const { links } = contacts;
  const engine = new EngineSlot(parts.openEngine);
  const schedule = new SealSchedule({
    self,
    validators: validators.length,
    sealTimeoutMs,
    links,
  });
  const statements = new VerificationStatements({
    networkId,
    validators,
    self,
    identity,
    hash: sha256,
    checker,
    store,
    log,
  });
  const keeper = new SealKeeper({ engine, schedule, store, waiters, links, system, traces });
  const driver = new SealDriver({
    self,
    run,
    sealTimeoutMs,
    engine,
    schedule,
    keeper,
    shares: new ShareRequests({ statements, peers: contacts }),
    finalizer,
    store,
    system,
    log,
    fail,
  });
  const shares = new ShareAnswers({
    networkId,
    statements,
    engine,
    schedule,
    seals: store.seals,
    waiters,
    // Only for what is about to come: half of what its coordinator has patience for.
    commitWaitMs: sealTimeoutMs / 2,
    system,
    traces,
  });
  return { driver, keeper, shares };
}
