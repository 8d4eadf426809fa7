/** Four or more nodes that seal, in memory: signers, a coordinator, headers, and a transport the test controls. */
import { signingGroup } from "../../src/node/base/crypto.ts";
import { type Bytes, utf8 } from "../../src/primitives/bytes.ts";
import { epoch, type Height, height, type ValidatorIndex } from "../../src/primitives/numbers.ts";
import type { Signature } from "../../src/primitives/signature.ts";
import type { CoordinatorInput, CoordinatorOutput } from "../../src/seal/coordination.ts";
import { Coordinator } from "../../src/seal/coordinator.ts";
import type { SealRequest } from "../../src/seal/messages.ts";
import type { KeyShare } from "../../src/seal/seal-key.ts";
import { SealSigner } from "../../src/seal/signer.ts";
import type { SigningGroup } from "../../src/seal/signing-group.ts";
import type { SealLookups, SealTarget } from "../../src/seal/target.ts";
import { contextOf, index, runCeremony, seededEntropy, suite, verify } from "./fixture.ts";
import type { Mischief } from "./mischief.ts";

export const EPOCH = epoch(1);
export const PATIENCE_MS = 200;
const keys = new Map<string, KeyShare[]>();

/** The shares of a ceremony of n, made once per test file. */
export function sharesOf(n: number, of?: readonly number[]): KeyShare[] {
  const name = `${n}/${of?.join()}`;
  const shares = keys.get(name) ?? runCeremony(contextOf(n, of === undefined ? {} : { of }));
  keys.set(name, shares);
  return shares;
}

/** The data of one node: final headers up to `tip`, and seals. */
export class Shelf implements SealLookups {
  tip: number;
  readonly seals = new Map<string, Signature>();

  constructor(tip: number, isTested = true) {
    this.tip = tip;
    if (isTested) this.seals.set(nameOf({ kind: "test", epoch: EPOCH }), new Uint8Array(64));
  }

  header(at: Height): Bytes | undefined {
    return at <= this.tip ? headerAt(at) : undefined;
  }

  seal(target: SealTarget): Signature | undefined {
    return this.seals.get(nameOf(target));
  }

  keep(target: SealTarget, seal: Signature): void {
    this.seals.set(nameOf(target), seal);
  }
}

export function headerAt(at: number): Bytes {
  return utf8(`the canonical bytes of the header at ${at}`);
}

export function headerTarget(at: number): SealTarget & { kind: "header" } {
  return { kind: "header", epoch: EPOCH, height: height(at) };
}

export const testTarget: SealTarget = { kind: "test", epoch: EPOCH };

export function nameOf(target: SealTarget): string {
  return target.kind === "test" ? "test" : String(target.height);
}

export function signingKeyOf(
  share: KeyShare,
  shelf: SealLookups,
  seed = "signer",
  group: SigningGroup = signingGroup,
): SealSigner {
  const entropy = seededEntropy(`${seed}/${share.member}`);
  return new SealSigner({ suite, group, share, entropy, lookups: shelf });
}

/** One coordinator and all signers. Requests are answered at once, in order. */
export class SealWorld {
  now = 1_000_000;
  readonly shelves: ReadonlyMap<ValidatorIndex, Shelf>;
  readonly signers: Map<ValidatorIndex, SealSigner>;
  readonly coordinator: Coordinator;
  readonly self: ValidatorIndex;
  readonly mischief = new Map<number, Mischief>();
  readonly sent: { to: ValidatorIndex; request: SealRequest }[] = [];
  readonly outputs: CoordinatorOutput[] = [];
  readonly #shares: readonly KeyShare[];

  constructor(
    shares: readonly KeyShare[],
    options: { self?: number; tip?: number; isTested?: boolean } = {},
  ) {
    const { self = 0, tip = 10, isTested = true } = options;
    const [first] = shares;
    if (first === undefined) throw new Error("a key has shares");
    this.#shares = shares;
    this.self = index(self);
    const shelf = new Shelf(tip, isTested);
    this.shelves = new Map([
      [this.self, shelf],
      ...shares
        .filter(({ member }) => member !== self)
        .map(({ member }) => [member, new Shelf(tip, isTested)] as const),
    ]);
    this.signers = new Map(
      shares.map((share) => [share.member, signingKeyOf(share, this.shelf(share.member))]),
    );
    this.coordinator = new Coordinator({
      suite,
      group: signingGroup,
      key: first.key,
      self: this.self,
      run: 1,
      verify,
      lookups: shelf,
      patienceMs: PATIENCE_MS,
      patienceMaxMs: 8 * PATIENCE_MS,
    });
  }

  shelf(member: number): Shelf {
    const shelf = this.shelves.get(index(member));
    if (shelf === undefined) throw new Error("no such node");
    return shelf;
  }

  /** Restarts the node: nonces and sessions are lost. */
  restart(member: number): void {
    const share = this.#shares.find((each) => each.member === member);
    if (share === undefined) throw new Error("no such signer");
    this.signers.set(share.member, signingKeyOf(share, this.shelf(member), `again/${this.now}`));
  }

  /** Applies one input and everything that follows from it at once; gives the last output with a seal or a deadline. */
  step(input: CoordinatorInput): CoordinatorOutput {
    let output = this.#once(input);
    const queue = [...output.requests];
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const reply = this.#ask(next.to, next.request);
      if (reply === undefined) continue;
      const answered = this.#once(reply);
      queue.push(...answered.requests);
      output = { ...answered, seal: output.seal ?? answered.seal };
    }
    return output;
  }

  /** Seals, letting time pass as deadlines require; undefined without a seal after the given steps. */
  seal(target: SealTarget, steps = 20): CoordinatorOutput["seal"] {
    let output = this.step({ kind: "seal", target });
    for (let i = 0; i < steps && output.seal === undefined; i++) {
      if (output.deadline === undefined) return undefined;
      this.now = Math.max(this.now, output.deadline);
      output = this.step({ kind: "tick" });
    }
    return output.seal;
  }

  get groupKey(): Bytes {
    const [share] = this.#shares;
    if (share === undefined) throw new Error("a key has shares");
    return share.key.groupKey;
  }

  get blamed(): string[] {
    return this.outputs.flatMap((output) =>
      output.blamed.map(({ member, reason }) => `${member} ${reason}`),
    );
  }

  get sessions(): number {
    const numbers = this.sent.flatMap(({ request }) =>
      request.kind === "sign" ? [request.session.number] : [],
    );
    return new Set(numbers).size;
  }

  #once(input: CoordinatorInput): CoordinatorOutput {
    const output = this.coordinator.step(input, this.now);
    this.outputs.push(output);
    for (const { to, notice } of output.notices) this.shelf(to).keep(notice.target, notice.seal);
    return output;
  }

  #ask(to: ValidatorIndex, request: SealRequest): CoordinatorInput | undefined {
    this.sent.push({ to, request });
    const answer = this.signers.get(to)?.answer(this.self, request, this.now);
    if (answer === undefined) return { kind: "silent", from: to };
    const mischief = this.mischief.get(to);
    const told = mischief === undefined ? answer : mischief(answer, request);
    if (told === "unreachable") return { kind: "silent", from: to };
    return told === undefined ? undefined : { kind: "answer", from: to, answer: told };
  }
}
