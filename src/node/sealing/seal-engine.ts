/**
 * All expensive work of sealing in one machine: the signer, the coordinator, and the headers and seals that both look
 * up. Its inputs and outputs are structured-cloneable messages, so it can run in a thread of its own and keep FROST
 * off the voting path.
 */
import { assert, unreachable } from "../../primitives/assert.ts";
import type { Bytes } from "../../primitives/bytes.ts";
import { LIMITS } from "../../primitives/limits.ts";
import type { Height, ValidatorIndex } from "../../primitives/numbers.ts";
import type { Signature } from "../../primitives/signature.ts";
import type { CoordinatorOutput } from "../../seal/coordination.ts";
import { Coordinator } from "../../seal/coordinator.ts";
import type { SealAnswer, SealRequest } from "../../seal/messages.ts";
import type { KeyShare, SealKey } from "../../seal/seal-key.ts";
import { SealSigner } from "../../seal/signer.ts";
import { createSuite } from "../../seal/suite.ts";
import { messageOf, type SealTarget, sealHolds } from "../../seal/target.ts";
import { isValidPoint, sha256, signingGroup, verify } from "../base/crypto.ts";
import type { System } from "../base/system.ts";

export interface EngineSetup {
  readonly self: ValidatorIndex;
  /** Number of this start of the process. */
  readonly run: number;
  readonly key: SealKey;
  /** Absent if this node holds no share: it then coordinates but does not sign. */
  readonly share: KeyShare | undefined;
  readonly patienceMs: number;
  readonly patienceMaxMs: number;
}

export type ToEngine =
  /** A header that is final here and was computed here. */
  | { readonly kind: "header"; readonly height: Height; readonly bytes: Bytes }
  /** A seal from a peer or, without `from`, from the store; it is verified here. */
  | {
      readonly kind: "seal";
      readonly target: SealTarget;
      readonly seal: Signature;
      readonly from?: ValidatorIndex;
    }
  /** Coordinate a seal of this target. */
  | { readonly kind: "coordinate"; readonly target: SealTarget }
  /** A coordinator's request; the answer carries `id`. */
  | {
      readonly kind: "request";
      readonly id: number;
      readonly from: ValidatorIndex;
      readonly request: SealRequest;
    }
  /** A signer's answer to this node's request; absent if none will come. */
  | {
      readonly kind: "answer";
      readonly from: ValidatorIndex;
      readonly answer: SealAnswer | undefined;
    }
  | { readonly kind: "tick" };

export type SealOrigin = "made" | "received" | "stored";

export type FromEngine =
  | { readonly kind: "answer"; readonly id: number; readonly answer: SealAnswer }
  | { readonly kind: "send"; readonly to: ValidatorIndex; readonly request: SealRequest }
  /** A seal that holds. */
  | {
      readonly kind: "sealed";
      readonly target: SealTarget;
      readonly seal: Signature;
      readonly origin: SealOrigin;
    }
  | {
      readonly kind: "notify";
      readonly to: ValidatorIndex;
      readonly target: SealTarget;
      readonly seal: Signature;
    }
  | { readonly kind: "blamed"; readonly member: ValidatorIndex; readonly reason: string }
  /**
   * The time of the next tick; undefined if the engine waits for nothing. `waiting` is a target for which too few signers
   * are left to ask: the engine asks them again later, and may be given another one meanwhile.
   */
  | {
      readonly kind: "deadline";
      readonly at: number | undefined;
      readonly waiting?: SealTarget | undefined;
    };

/** Number of headers kept for signers and late coordinators: more than a catch-up between two multiples of 64 needs. */
const HEADERS_MAX = 2048;
const SEALS_MAX = 2048;
assert(LIMITS.validatorsMax * LIMITS.earlySealsPerMemberMax <= SEALS_MAX, "every sender has room");

/** Clock and randomness, which cannot be sent to a thread as messages. */
export type EngineSystem = Pick<System, "monotonic" | "entropy">;

export class SealEngine {
  readonly #setup: EngineSetup;
  readonly #emit: (message: FromEngine) => void;
  readonly #now: () => number;
  readonly #headers = new Map<Height, Bytes>();
  readonly #seals = new Map<Height | "test", Signature>();
  readonly #signer: SealSigner | undefined;
  readonly #coordinator: Coordinator;
  /** Seals of headers that are not final here yet, by sender, so that no sender can displace the seals of another. */
  readonly #early = new Map<ValidatorIndex, Map<Height, Signature>>();
  /** The deadline that was put out since the node named a target or gave a tick; the same one is no news. */
  #told: Pick<CoordinatorOutput, "deadline" | "waiting"> | undefined;
  /** Peers that sent an invalid seal, which no honest peer does: their seals are ignored from then on. */
  readonly #liars = new Set<ValidatorIndex>();

  constructor(setup: EngineSetup, system: EngineSystem, emit: (message: FromEngine) => void) {
    this.#setup = setup;
    this.#now = () => system.monotonic();
    this.#emit = emit;
    const suite = createSuite({ isValidPoint, hash: sha256 });
    const lookups = {
      header: (at: Height) => this.#headers.get(at),
      seal: (target: SealTarget) => this.#seals.get(mapKeyOf(target)),
    };
    const { self, run, key, share, patienceMs, patienceMaxMs } = setup;
    const entropy = (length: number) => system.entropy(length);
    this.#signer = share && new SealSigner({ suite, group: signingGroup, share, entropy, lookups });
    this.#coordinator = new Coordinator({
      self,
      run,
      key,
      patienceMs,
      patienceMaxMs,
      suite,
      group: signingGroup,
      verify,
      lookups,
    });
  }

  handle(message: ToEngine): void {
    switch (message.kind) {
      case "header":
        this.#keepHeader(message.height, message.bytes);
        return;
      case "seal":
        this.#receiveSeal(message);
        return;
      case "coordinate":
        this.#coordinate(message.target);
        return;
      case "request": {
        const answer = this.#sign(message.from, message.request);
        this.#emit({ kind: "answer", id: message.id, answer });
        return;
      }
      case "answer": {
        const { from, answer } = message;
        const input =
          answer === undefined
            ? ({ kind: "silent", from } as const)
            : ({ kind: "answer", from, answer } as const);
        this.#perform(this.#coordinator.step(input, this.#now()));
        return;
      }
      case "tick":
        this.#told = undefined;
        this.#perform(this.#coordinator.step({ kind: "tick" }, this.#now()));
        return;
      default:
        unreachable(message);
    }
  }

  #coordinate(target: SealTarget): void {
    const known = this.#seals.has(mapKeyOf(target));
    const computed = target.kind === "test" || this.#headers.has(target.height);
    this.#told = undefined;
    if (known || !computed) this.#emit({ kind: "deadline", at: undefined });
    else this.#perform(this.#coordinator.step({ kind: "seal", target }, this.#now()));
  }

  #sign(from: ValidatorIndex, request: SealRequest): SealAnswer {
    if (this.#signer !== undefined) return this.#signer.answer(from, request, this.#now());
    const reason = "wrongCommitments";
    return request.kind === "sign"
      ? { kind: "refused", session: request.session, reason }
      : { kind: "refused", reason };
  }

  #perform(output: CoordinatorOutput): void {
    for (const { to, request } of output.requests) {
      if (to === this.#setup.self) this.#askSelf(request);
      else this.#emit({ kind: "send", to, request });
    }
    for (const { to, notice } of output.notices) this.#emit({ ...notice, kind: "notify", to });
    for (const { member, reason } of output.blamed) this.#emit({ kind: "blamed", member, reason });
    if (output.seal !== undefined) this.#keepSeal(output.seal.target, output.seal.seal, "made");
    const { deadline: at, waiting } = output;
    if (at !== undefined && at === this.#told?.deadline && waiting === this.#told.waiting) return;
    this.#told = output;
    this.#emit({ kind: "deadline", at, waiting });
  }

  /** The node's own signer is asked like any other, one turn later, so that outputs stay in order. */
  #askSelf(request: SealRequest): void {
    queueMicrotask(() => {
      const from = this.#setup.self;
      this.handle({ kind: "answer", from, answer: this.#sign(from, request) });
    });
  }

  #keepHeader(at: Height, bytes: Bytes): void {
    this.#headers.set(at, bytes);
    trim(this.#headers, HEADERS_MAX);
    const target = { kind: "header", epoch: this.#setup.key.context.epoch, height: at } as const;
    for (const [from, seals] of this.#early) {
      const seal = seals.get(at);
      if (seal === undefined) continue;
      seals.delete(at);
      this.#receiveSeal({ kind: "seal", target, seal, from });
    }
  }

  #keepEarly(from: ValidatorIndex, at: Height, seal: Signature): void {
    const seals = this.#early.get(from) ?? new Map<Height, Signature>();
    this.#early.set(from, seals);
    seals.set(at, seal);
    trim(seals, LIMITS.earlySealsPerMemberMax);
  }

  /** No seal leaves before it verified here as a plain Ed25519 signature. */
  #receiveSeal(received: Extract<ToEngine, { kind: "seal" }>): void {
    const { key } = this.#setup;
    const { target, seal, from } = received;
    if (from !== undefined && this.#liars.has(from)) return;
    if (target.epoch !== key.context.epoch || this.#seals.has(mapKeyOf(target))) return;
    const message = messageOf(key, target, {
      header: (at) => this.#headers.get(at),
      seal: () => undefined,
    });
    if (message === undefined) {
      assert(target.kind === "header", "the test message is always known");
      assert(from !== undefined, "the store holds seals of final headers only");
      this.#keepEarly(from, target.height, seal);
    } else if (sealHolds(key, { message, seal }, verify)) {
      this.#keepSeal(target, seal, from === undefined ? "stored" : "received");
      const busyWith = this.#coordinator.target;
      if (busyWith !== undefined && this.#seals.has(mapKeyOf(busyWith))) {
        this.#perform(this.#coordinator.step({ kind: "stop" }, this.#now()));
      }
    } else if (from !== undefined) {
      this.#liars.add(from);
      this.#early.delete(from);
      this.#emit({ kind: "blamed", member: from, reason: "wrongSeal" });
    }
  }

  #keepSeal(target: SealTarget, seal: Signature, origin: SealOrigin): void {
    this.#seals.set(mapKeyOf(target), seal);
    trim(this.#seals, SEALS_MAX);
    this.#emit({ kind: "sealed", target, seal, origin });
  }
}

function mapKeyOf(target: SealTarget): Height | "test" {
  return target.kind === "test" ? "test" : target.height;
}

/** Drops the oldest of an insertion-ordered map, but never the sealed test message. */
function trim(map: Map<Height | "test", unknown> | Map<Height, unknown>, max: number): void {
  for (const key of map.keys()) {
    if (map.size <= max) return;
    if (key !== "test") (map as Map<Height | "test", unknown>).delete(key);
  }
}
