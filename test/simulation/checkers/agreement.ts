/** Invariant 1: no two honest nodes finalize different blocks at one height; finality is certified and in order. */
import type { Finalized } from "../../../src/consensus/interface.ts";
import { toHex } from "../../../src/primitives/bytes.ts";
import type { NetworkId } from "../../../src/primitives/ids.ts";
import type { Verify } from "../../../src/primitives/signature.ts";
import type { Validator } from "../../../src/primitives/validators.ts";
import { certificateChecks } from "../../../src/primitives/vote.ts";
import { Violation } from "../../support/world/violation.ts";

export class AgreementChecker {
  readonly #networkId: NetworkId;
  readonly #validators: readonly Validator[];
  readonly #verify: Verify;
  readonly #chain: string[] = [];
  /** The next height of each node since its last start. */
  readonly #next: number[] = [];

  constructor(network: { networkId: NetworkId; validators: readonly Validator[]; verify: Verify }) {
    this.#networkId = network.networkId;
    this.#validators = network.validators;
    this.#verify = network.verify;
  }

  /** The number of blocks that a node finalized. */
  get length(): number {
    return this.#chain.length;
  }

  /** Hex hash of the block that was finalized at a height. */
  hashAt(height: number): string | undefined {
    return this.#chain[height - 1];
  }

  restarted(node: number, committedHeight: number): void {
    this.#next[node] = committedHeight + 1;
  }

  check(node: number, { block, finalization }: Finalized): void {
    const { height, parentHash } = block.header;
    const key = toHex(block.hash);
    if (height !== (this.#next[node] ?? 1)) throw new Violation("order", `node ${node}, ${height}`);
    this.#next[node] = height + 1;
    const parent = this.#chain[height - 2];
    if (parent !== undefined && parent !== toHex(parentHash)) {
      throw new Violation("agreement", `node ${node} finalized an orphan at height ${height}`);
    }
    const agreed = this.#chain[height - 1];
    if (agreed !== undefined && agreed !== key) {
      throw new Violation("agreement", `node ${node} finalized another block at height ${height}`);
    }
    if (agreed === undefined) this.#checkCertificate({ block, finalization });
    this.#chain[height - 1] = key;
  }

  #checkCertificate({ block, finalization }: Finalized): void {
    const { subject } = finalization;
    const checks = certificateChecks(this.#networkId, this.#validators, finalization);
    const covers = subject.height >= block.header.height && subject.view >= block.header.view;
    if (!covers || subject.kind !== "finalize" || checks?.every(this.#verify) !== true) {
      throw new Violation("agreement", `no finalization covers height ${block.header.height}`);
    }
  }
}
