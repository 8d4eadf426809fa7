/**
 * This node's part in the key ceremony (K10). It derives the step that the node owes from the final state, syncs the
 * secrets first, and submits the step as an ordinary operation. The state of the ceremony is in the ledger and the key ring, not here.
 */
import { ceremonyContext, ceremonyDeadline, owedStep } from "../../ledger/ceremony-progress.ts";
import type { CeremonyRecord, CeremonyRunning } from "../../ledger/ceremony-record.ts";
import type { LedgerContext } from "../../ledger/context.ts";
import type { State } from "../../ledger/state.ts";
import { Encoder } from "../../primitives/encoding.ts";
import { DIGEST_LENGTH } from "../../primitives/hash.ts";
import { type OperationId, uuidFromDigest } from "../../primitives/ids.ts";
import { type Height, height, type ValidatorIndex } from "../../primitives/numbers.ts";
import { assembleOperation, encodeOperation } from "../../primitives/operation.ts";
import type { CeremonyStep } from "../../primitives/operations/ceremony-operations.ts";
import { PUBLIC_KEY_LENGTH } from "../../primitives/signature.ts";
import { TAGS } from "../../primitives/tags.ts";
import { openAttempt } from "../../seal/attempt.ts";
import { type MemberStep, nextStep } from "../../seal/ceremony.ts";
import type { SealSuite } from "../../seal/suite.ts";
import type { SigningKey } from "../base/crypto.ts";
import type { Log } from "../base/log.ts";
import type { System } from "../base/system.ts";
import type { Intake } from "../intake/intake.ts";
import type { CeremonyKeys } from "./ceremony-keys.ts";

export interface CeremonyRunnerParts {
  readonly context: LedgerContext;
  readonly suite: SealSuite;
  readonly self: ValidatorIndex;
  readonly identity: SigningKey;
  readonly keys: CeremonyKeys;
  readonly system: System;
  readonly log: Log;
  readonly intake: Pick<Intake, "fromClient">;
  readonly fail: (error: unknown) => void;
}

/** Members open an attempt in turn; the next one steps in after this. */
const OPENING_RANK_MS = 500;
/** A step still owed is submitted again after this, in case its operation was lost. */
const RECHECK_MS = 1000;

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
type StepFields = DistributiveOmit<CeremonyStep, "author" | "id" | "validUntil">;

export class CeremonyRunner {
  readonly #parts: CeremonyRunnerParts;
  #record: CeremonyRecord | undefined;
  /** By the monotonic clock. */
  #idleSince = 0;
  /** Of the final block. */
  #blockTime = 0;
  #height = height(0);
  /** It submits nothing before it has executed the block of this height; undefined before `start`. */
  #target: Height | undefined;
  #busy = false;
  #again = false;
  #stopped = false;
  #cancelTimer: (() => void) | undefined;

  constructor(parts: CeremonyRunnerParts) {
    this.#parts = parts;
  }

  /** Submits steps once it has caught up. `finalHeight`: the highest height that the answers to the check at start proved to be final (R29). */
  start(finalHeight: Height): void {
    this.#target = finalHeight;
    this.#beginTurns();
  }

  /** Sets the final state. */
  observe(state: State): void {
    const wasBehind = this.#isBehind;
    this.#blockTime = state.time;
    this.#height = state.height;
    const hasCaughtUp = wasBehind && !this.#isBehind;
    if (this.#record === state.ceremony && !hasCaughtUp) return;
    const isSameKind = this.#record?.kind === state.ceremony.kind;
    this.#record = state.ceremony;
    if (isSameKind && !hasCaughtUp) this.#wake();
    else this.#beginTurns();
  }

  /** Counts the members' turns to open from now; anew once this node has caught up, so that its own is not over by then. */
  #beginTurns(): void {
    this.#idleSince = this.#parts.system.monotonic();
    this.#wake();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelTimer?.();
  }

  /** One look at a time; changes during a look cause another one. */
  #wake(): void {
    this.#again = true;
    if (this.#busy || this.#stopped) return;
    this.#busy = true;
    void this.#work().catch((error: unknown) => this.#parts.fail(error));
  }

  async #work(): Promise<void> {
    while (this.#again && !this.#stopped) {
      this.#again = false;
      if (this.#record !== undefined) await this.#look(this.#record);
    }
    this.#busy = false;
  }

  async #look(record: CeremonyRecord): Promise<void> {
    const { context, system, self, keys } = this.#parts;
    this.#cancelTimer?.();
    // The ledger's time never goes back, but a clock may.
    const now = Math.max(system.wall(), this.#blockTime);
    const owed = owedStep(context, record, { member: self, now });
    await keys.destroyOutlived(record);
    // The state may have changed meanwhile: the next look is at the new one.
    if (this.#again || record.kind === "final") return;
    if (this.#isBehind) return;
    if (record.kind === "running") this.#lookAgainIn(RECHECK_MS);
    switch (owed.kind) {
      case "nothing":
        this.#lookAgainIn(RECHECK_MS);
        return;
      case "open":
        return await this.#open(owed.opening, now);
      default:
        if (record.kind === "running") await this.#step(record);
    }
  }

  /** True if the final state may be an old one, as after a start without a store: its steps would be out of place. */
  get #isBehind(): boolean {
    return this.#target === undefined || this.#height < this.#target;
  }

  async #open(
    opening: { attempt: number; members: readonly ValidatorIndex[]; threshold: number },
    now: number,
  ): Promise<void> {
    const { context, self, system } = this.#parts;
    const count = opening.members.length;
    const rank = (((self - opening.attempt + 1) % count) + count) % count;
    const dueAt = this.#idleSince + rank * OPENING_RANK_MS;
    const waitMs = dueAt - system.monotonic();
    this.#lookAgainIn(Math.max(waitMs, RECHECK_MS / 4));
    if (waitMs > 0) return;
    const lifetimeMs = openingLifetimeMs(context);
    const validUntil = Math.ceil((now + lifetimeMs) / lifetimeMs) * lifetimeMs;
    await this.#submit({ kind: "ceremonyOpen", ...opening }, validUntil);
  }

  async #step(record: CeremonyRunning): Promise<void> {
    const { context, suite, self, keys, system, identity, log } = this.#parts;
    const attempt = openAttempt(suite, ceremonyContext(context, record));
    const view = {
      attempt,
      self,
      round1: record.round1,
      ciphertexts: record.ciphertexts,
      confirmed: record.confirmations.map(({ signer }) => signer),
      secret: await keys.loadSecret(),
      keyShare: await keys.loadShare(),
    };
    const step = nextStep(view, (length) => system.entropy(length));
    if (step.kind === "stuck")
      log.warn({ reason: step.reason }, "ceremony: this node cannot continue");
    if (step.kind === "wait" || step.kind === "stuck") return;
    await keys.store(step);
    const fields = fieldsOf(step, record.attempt, identity);
    await this.#submit(fields, ceremonyDeadline(context, record));
  }

  /** The bytes follow from the step and the deadline alone, so a repetition is the same operation. */
  async #submit(fields: StepFields, validUntil: number): Promise<void> {
    const { context, identity, intake, log } = this.#parts;
    const author = identity.publicKey;
    const id = this.#idOf(fields, validUntil);
    const operation: CeremonyStep = { ...fields, author, id, validUntil };
    const signature = identity.sign(encodeOperation(context.networkId, operation));
    log.debug({ step: fields.kind, attempt: fields.attempt }, "ceremony: step submitted");
    const step = assembleOperation(context.hash, context.networkId, { operation, signature });
    const verdict = await intake.fromClient(step, "this node");
    if (verdict.kind !== "admitted") log.debug({ verdict: verdict.kind }, "ceremony: not taken");
  }

  #idOf(fields: StepFields, validUntil: number): OperationId {
    const { context, identity } = this.#parts;
    const digest = new Encoder()
      .tag(TAGS.ceremonyOperationId)
      .fixed(context.networkId, DIGEST_LENGTH)
      .fixed(identity.publicKey, PUBLIC_KEY_LENGTH)
      .string(fields.kind)
      .u32(fields.attempt)
      .u64(validUntil)
      .digest(context.hash);
    return uuidFromDigest(digest);
  }

  #lookAgainIn(delayMs: number): void {
    this.#cancelTimer?.();
    if (this.#stopped) return;
    this.#cancelTimer = this.#parts.system.after(delayMs, () => this.#wake());
  }
}

/**
 * The shortest lifetime of an *open*. Deadlines are rounded up to multiples of it, so that all members that open an
 * attempt at about the same time sign the same deadline. Two lifetimes stay within the limit by any clock of the
 * network, even if the attempt itself takes long.
 */
function openingLifetimeMs({ genesis }: LedgerContext): number {
  const { ceremonyTimeoutMs, lifetimeMsMax, clockSkewMs } = genesis.timings;
  const half = Math.floor((lifetimeMsMax - 2 * clockSkewMs) / 2);
  return Math.max(1, Math.min(ceremonyTimeoutMs, half));
}

function fieldsOf(
  step: Exclude<MemberStep, { kind: "wait" | "stuck" }>,
  attempt: number,
  identity: SigningKey,
): StepFields {
  switch (step.kind) {
    case "round1":
      return {
        kind: "ceremonyRound1",
        attempt,
        package: step.package,
        ephemeralKey: step.ephemeralKey,
      };
    case "shares":
      return { kind: "ceremonyShares", attempt, ciphertexts: step.ciphertexts };
    case "confirm": {
      const { transcriptHash, groupKey, verifyingShares } = step.key;
      const certificateSignature = identity.sign(step.certificateBytes);
      const outcome = { transcriptHash, groupKey, verifyingShares };
      return { kind: "ceremonyConfirm", attempt, ...outcome, certificateSignature };
    }
    case "complaint": {
      const { accused, ephemeralSecret } = step;
      return { kind: "ceremonyComplaint", attempt, accused, ephemeralSecret };
    }
  }
}
