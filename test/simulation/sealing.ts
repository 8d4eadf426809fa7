/** One node's part in sealing in the simulated world: the real signer and coordinator over a lossy network. */
import { deserialize, serialize } from "node:v8";
import { sha256, signingGroup } from "../../src/node/base/crypto.ts";
import { type Bytes, toHex } from "../../src/primitives/bytes.ts";
import { type Height, height, validatorIndex } from "../../src/primitives/numbers.ts";
import type { Signature } from "../../src/primitives/signature.ts";
import type { CoordinatorInput } from "../../src/seal/coordination.ts";
import { Coordinator } from "../../src/seal/coordinator.ts";
import type { SealAnswer, SealRequest } from "../../src/seal/messages.ts";
import type { KeyShare } from "../../src/seal/seal-key.ts";
import { SealSigner } from "../../src/seal/signer.ts";
import { type SealTarget, sealHolds } from "../../src/seal/target.ts";
import { seededEntropy, suite, verify } from "../seal/fixture.ts";
import { Violation } from "../support/world/violation.ts";

/** Heights that the world seals: enough to see it work, few enough to keep seeds quick. */
const SEAL_EVERY = 16;
const PATIENCE_MS = 400;

type Sealing =
  | { readonly kind: "request"; readonly request: SealRequest }
  | { readonly kind: "answer"; readonly answer: SealAnswer };

/** Invariant 6 over all nodes and all their lives: every share and seal of the world. */
export class SealLog {
  /** The message for each commitment of which a share was given. */
  readonly #messages = new Map<string, string>();
  readonly #finalHash: (at: number) => string | undefined;
  seals = 0;

  /** `finalHash`: hex hash of the block that honest nodes finalized at a height. */
  constructor(finalHash: (at: number) => string | undefined) {
    this.#finalHash = finalHash;
  }

  /** A share for this commitment and message has left its signer. */
  signed(commitment: string, message: string): void {
    const before = this.#messages.get(commitment);
    if (before !== undefined && before !== message) {
      throw new Violation("nonce", "one nonce served two messages");
    }
    this.#messages.set(commitment, message);
  }

  sealed(share: KeyShare, target: SealTarget, message: Bytes, seal: Signature): void {
    if (target.kind === "test") return;
    if (this.#finalHash(target.height) !== toHex(sha256(message))) {
      throw new Violation("seal", "a seal of a header that is not final");
    }
    if (!sealHolds(share.key, { message, seal }, verify)) {
      throw new Violation("seal", "a seal does not verify under the group key");
    }
    this.seals += 1;
  }
}

/** Lives as long as a node's process: nonces and sessions die with it. */
export class SimulatedSealing {
  readonly #self: number;
  readonly #share: KeyShare;
  readonly #log: SealLog;
  readonly #headers = new Map<Height, Bytes>();
  readonly #seals = new Map<string, Signature>();
  readonly #signer: SealSigner;
  readonly #coordinator: Coordinator;

  constructor(parts: { self: number; life: number; share: KeyShare; log: SealLog; seed: string }) {
    const { self, life, share, log } = parts;
    this.#self = self;
    this.#share = share;
    this.#log = log;
    const { epoch } = share.key.context;
    // The key was tested before the world began.
    this.#seals.set("test", new Uint8Array(64));
    const lookups = {
      header: (at: Height) => this.#headers.get(at),
      seal: (target: SealTarget) => this.#seals.get(nameOf(target)),
    };
    const entropy = seededEntropy(`${parts.seed}/${self}/${life}`);
    this.#signer = new SealSigner({ suite, group: signingGroup, share, entropy, lookups });
    this.#coordinator = new Coordinator({
      suite,
      group: signingGroup,
      key: share.key,
      self: validatorIndex(self),
      run: life * 1000 + Number(epoch),
      verify,
      lookups,
      patienceMs: PATIENCE_MS,
      patienceMaxMs: 8 * PATIENCE_MS,
    });
  }

  /** A header is final on this node and was computed here. */
  finalized(at: Height, bytes: Bytes, nodes: number, now: number): [number, Bytes][] {
    this.#headers.set(at, bytes);
    const isOwn = at % SEAL_EVERY === 0 && (at / SEAL_EVERY) % nodes === this.#self;
    if (!isOwn) return this.#step({ kind: "tick" }, now);
    const { epoch } = this.#share.key.context;
    return this.#step({ kind: "seal", target: { kind: "header", epoch, height: height(at) } }, now);
  }

  receive(from: number, bytes: Bytes, now: number): [number, Bytes][] {
    const message = deserialize(bytes) as Sealing;
    if (message.kind === "answer") {
      const input = { kind: "answer", from: validatorIndex(from), answer: message.answer } as const;
      return this.#step(input, now);
    }
    return [[from, encode({ kind: "answer", answer: this.#sign(from, message.request, now) })]];
  }

  #step(input: CoordinatorInput, now: number): [number, Bytes][] {
    const output = this.#coordinator.step(input, now);
    if (output.seal !== undefined) {
      this.#seals.set(nameOf(output.seal.target), output.seal.seal);
      const { target, message, seal } = output.seal;
      this.#log.sealed(this.#share, target, message, seal);
    }
    return output.requests.flatMap(({ to, request }): [number, Bytes][] => {
      if (to !== this.#self) return [[to, encode({ kind: "request", request })]];
      const answer = this.#sign(this.#self, request, now);
      return this.#step({ kind: "answer", from: validatorIndex(to), answer }, now);
    });
  }

  #sign(coordinator: number, request: SealRequest, now: number): SealAnswer {
    const answer = this.#signer.answer(validatorIndex(coordinator), request, now);
    if (answer.kind === "share" && request.kind === "sign") {
      const own = request.commitments.find(({ member }) => member === this.#self)?.commitment;
      const message = request.target.kind === "test" ? "test" : `${request.target.height}`;
      const list = request.commitments.map(({ commitment }) => toHex(commitment.hiding)).join();
      if (own !== undefined) this.#log.signed(toHex(own.hiding), `${message} ${list}`);
    }
    return answer;
  }
}

function encode(message: Sealing): Bytes {
  return new Uint8Array(serialize(message));
}

function nameOf(target: SealTarget): string {
  return target.kind === "test" ? "test" : `${target.height}`;
}
