/** The state of one seal at its coordinator: the open session or gathering, and the members that failed so far. */
import type { Bytes } from "../primitives/bytes.ts";
import type { ValidatorIndex } from "../primitives/numbers.ts";
import { type SessionId, sameSession } from "./messages.ts";
import type { SigningSession } from "./signing-session.ts";
import type { SealTarget } from "./target.ts";

/** A round of requests for commitments, needed when too few signers have an unused one. */
export interface Gathering {
  readonly asked: Set<ValidatorIndex>;
  readonly deadline: number;
}

export class SealJob {
  readonly target: SealTarget;
  readonly message: Bytes;
  /** Sessions opened so far. */
  sessions = 0;
  session: SigningSession | undefined;
  gathering: Gathering | undefined;
  /** Set when too few members are left to ask: the time at which all of them may be asked again, milliseconds. */
  retryAt: number | undefined;
  patienceMs: number;
  readonly #barred = new Set<ValidatorIndex>();
  readonly #excused = new Set<ValidatorIndex>();

  constructor(parts: { target: SealTarget; message: Bytes; patienceMs: number }) {
    this.target = parts.target;
    this.message = parts.message;
    this.patienceMs = parts.patienceMs;
  }

  /** Members that were silent or refused in this job. They are asked again only after a wait. */
  get barred(): ReadonlySet<ValidatorIndex> {
    return this.#barred;
  }

  /** Too few members are left to ask: it waits to ask all of them again. */
  get isWaiting(): boolean {
    return this.session === undefined && this.gathering === undefined;
  }

  get deadline(): number | undefined {
    return this.session?.parts.deadline ?? this.retryAt ?? this.gathering?.deadline;
  }

  /** The open session, if its id is `id` and it still waits for this member. */
  awaiting(member: ValidatorIndex, id: SessionId): SigningSession | undefined {
    const { session } = this;
    if (session === undefined || !sameSession(session.parts.id, id)) return undefined;
    return session.missing.includes(member) ? session : undefined;
  }

  /** Ends the open session if `member` is part of it: without that member's share it cannot succeed. */
  endSessionOf(member: ValidatorIndex): void {
    if (this.session?.members.includes(member) === true) this.session = undefined;
  }

  bar(member: ValidatorIndex): void {
    this.#barred.add(member);
    this.endSessionOf(member);
  }

  /** Ends the member's session without barring the member. Works once per member; returns false after that. */
  excuse(member: ValidatorIndex): boolean {
    if (this.#excused.has(member)) return false;
    this.#excused.add(member);
    this.endSessionOf(member);
    return true;
  }

  /** Makes all members candidates again and doubles the time that each session waits. */
  startOver(patienceMaxMs: number): void {
    this.retryAt = undefined;
    this.#barred.clear();
    this.#excused.clear();
    this.patienceMs = Math.min(this.patienceMs * 2, patienceMaxMs);
  }
}
