/** Stores the ceremony's secrets: the secret of the attempt, then the share, each encrypted and synced. */
import type { CeremonyRecord } from "../../ledger/ceremony-record.ts";
import { assert } from "../../primitives/assert.ts";
import { EncodingError } from "../../primitives/encoding.ts";
import type { MemberStep } from "../../seal/ceremony.ts";
import {
  type CeremonySecret,
  decodeCeremonySecret,
  encodeCeremonySecret,
} from "../../seal/ceremony-secret.ts";
import { decodeKeyShare, encodeKeyShare, type KeyShare } from "../../seal/seal-key.ts";
import type { KeyRing } from "../../storage/key-ring.ts";

const SECRET = "ceremony-secret";
const SHARE = "signing-share";

/** The operations of a key ring that a running node uses. */
export type SecretKeys = Pick<KeyRing, "has" | "load" | "save" | "destroy">;

export class CeremonyKeys {
  readonly #ring: SecretKeys;

  constructor(ring: SecretKeys) {
    this.#ring = ring;
  }

  async loadSecret(): Promise<CeremonySecret | undefined> {
    if (!(await this.#ring.has(SECRET))) return undefined;
    const { secret } = await this.#ring.load(SECRET, "ceremonySecret");
    const decoded = decodeCeremonySecret(secret);
    assert(!(decoded instanceof EncodingError), "the key ring gives back what it was given");
    return decoded;
  }

  async loadShare(): Promise<KeyShare | undefined> {
    if (!(await this.#ring.has(SHARE))) return undefined;
    const { secret } = await this.#ring.load(SHARE, "signingShare");
    const decoded = decodeKeyShare(secret);
    assert(!(decoded instanceof EncodingError), "the key ring gives back what it was given");
    return decoded;
  }

  /** Syncs the secrets of `step` before it leaves. */
  async store(step: MemberStep): Promise<void> {
    if ((step.kind === "round1" || step.kind === "shares") && step.store !== undefined) {
      const secret = encodeCeremonySecret(step.store);
      await this.#ring.save({ name: SECRET, kind: "ceremonySecret" }, secret);
    } else if (step.kind === "confirm" && step.store !== undefined) {
      const { groupKey } = step.store.key;
      const entry = { name: SHARE, kind: "signingShare", publicKey: groupKey } as const;
      await this.#ring.save(entry, encodeKeyShare(step.store));
      await this.#ring.destroy(SECRET);
    }
  }

  /** Destroys the secret of an attempt that has closed, or whose share is synced (K7). */
  async destroyOutlived(record: CeremonyRecord): Promise<void> {
    const secret = await this.loadSecret();
    if (secret === undefined) return;
    const { epoch, attempt } = secret.context;
    const running =
      record.kind === "running" && record.epoch === epoch && record.attempt === attempt;
    // A secret may be newer than the record: its attempt's first operation is still in the pool.
    const outlived = attempt <= record.attempt && epoch <= record.epoch && !running;
    if (outlived) await this.#ring.destroy(SECRET);
  }
}
