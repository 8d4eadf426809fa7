/** One target that a coordinator is sealing: its open session or gathering, and who let it down so far. */
import type { Bytes } from "../primitives/bytes.ts";
import type { ValidatorIndex } from "../primitives/numbers.ts";
import { type SessionId, sameSession } from "./messages.ts";
import type { Session } from "./session.ts";
import type { SealTarget } from "./target.ts";

/** Commitments asked for, because too few signers have unused ones. */
export interface Gathering {
  readonly asked: Set<ValidatorIndex>;
  readonly deadline: number;
}

export class SealJob {
  readonly target: SealTarget;
  readonly message: Bytes;
  /** Sessions opened so far. */
  sessions = 0;
  session: Session | undefined;
  gathering: Gathering | undefined;
  /** Too few are left to ask: when everyone is given another chance, milliseconds. */
  retryAt: number | undefined;
  patienceMs: number;
  readonly #barred = new Set<ValidatorIndex>();
  readonly #excused = new Set<ValidatorIndex>();

  constructor(parts: { target: SealTarget; message: Bytes; patienceMs: number }) {
    this.target = parts.target;
    this.message = parts.message;
    this.patienceMs = parts.patienceMs;
  }

  /** Silent or refusing in this job, to be asked again only after a wait. */
  get barred(): ReadonlySet<ValidatorIndex> {
    return this.#barred;
  }

  get deadline(): number | undefined {
    return this.session?.parts.deadline ?? this.retryAt ?? this.gathering?.deadline;
  }

  /** The open session, if it is the one named and still waits for this member. */
  awaiting(member: ValidatorIndex, id: SessionId): Session | undefined {
    const { session } = this;
    if (session === undefined || !sameSession(session.parts.id, id)) return undefined;
    return session.missing.includes(member) ? session : undefined;
  }

  /** A session lives only while all its members may still answer well. */
  endSessionOf(member: ValidatorIndex): void {
    if (this.session?.members.includes(member) === true) this.session = undefined;
  }

  bar(member: ValidatorIndex): void {
    this.#barred.add(member);
    this.endSessionOf(member);
  }

  /** Ends the session without blame, once per member; false the second time. */
  excuse(member: ValidatorIndex): boolean {
    if (this.#excused.has(member)) return false;
    this.#excused.add(member);
    this.endSessionOf(member);
    return true;
  }

  /** Everyone may be asked again, and is given more time. */
  startOver(patienceMaxMs: number): void {
    this.retryAt = undefined;
    this.#barred.clear();
    this.#excused.clear();
    this.patienceMs = Math.min(this.patienceMs * 2, patienceMaxMs);
  }
}
