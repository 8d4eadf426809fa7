/**
 * The coordinator asks signers for shares and makes a seal, for one target at a time (S6). It follows ROAST (Ruffing et
 * al., eprint 2022/550): signers that answer are asked again, and a signer that is silent or wrong is replaced in the
 * next session. Unlike ROAST it keeps a single session open, because a signer keeps a single nonce pair for each
 * coordinator. Every failed session bars a signer, so f bad signers cost at most f + 1 sessions. When too few signers
 * are left, the coordinator waits, doubles its patience, and asks all of them again. A target that waits may give way to
 * another one, and keeps its patience.
 */
import { assert, unreachable } from "../primitives/assert.ts";
import type { Bytes } from "../primitives/bytes.ts";
import type { Height, ValidatorIndex } from "../primitives/numbers.ts";
import { RecencyMap } from "../primitives/recency-map.ts";
import type {
  Blame,
  BlameReason,
  CoordinatorInput,
  CoordinatorOutput,
  CoordinatorParts,
  SealMade,
} from "./coordination.ts";
import type {
  NonceCommitment,
  SealAnswer,
  SealNotice,
  SealRefusal,
  SealRequest,
} from "./messages.ts";
import { Roster } from "./roster.ts";
import { SealJob } from "./seal-job.ts";
import { SigningSession } from "./signing-session.ts";
import { covers, messageOf, type SealTarget, sameTarget, sealHolds } from "./target.ts";

/** The number of targets that gave way whose patience is remembered. */
const REMEMBERED_MAX = 256;

interface MutableOutput {
  requests: { to: ValidatorIndex; request: SealRequest }[];
  notices: { to: ValidatorIndex; notice: SealNotice }[];
  blamed: Blame[];
  seal?: SealMade | undefined;
}

export class Coordinator {
  readonly #parts: CoordinatorParts;
  readonly #roster: Roster;
  #job: SealJob | undefined;
  /** Of headers that gave way, milliseconds. */
  readonly #patience = new RecencyMap<Height, number>();
  #lastSession = 0;
  #out: MutableOutput = { requests: [], notices: [], blamed: [] };

  constructor(parts: CoordinatorParts) {
    this.#parts = parts;
    this.#roster = new Roster(parts.key.context.members, parts.self);
  }

  /** The target being sealed. */
  get target(): SealTarget | undefined {
    return this.#job?.target;
  }

  step(input: CoordinatorInput, now: number): CoordinatorOutput {
    this.#out = { requests: [], notices: [], blamed: [] };
    switch (input.kind) {
      case "seal":
        this.#begin(input.target);
        break;
      case "answer":
        if (this.#roster.isTrusted(input.from)) this.#receive(input.from, input.answer, now);
        break;
      case "silent":
        this.#receiveSilence(input.from, now);
        break;
      case "stop":
        this.#job = undefined;
        break;
      case "tick":
        break;
      default:
        unreachable(input);
    }
    if (this.#job !== undefined) this.#advance(this.#job, now);
    const waiting = this.#job?.isWaiting === true ? this.#job.target : undefined;
    return { ...this.#out, deadline: this.#job?.deadline, waiting };
  }

  #begin(target: SealTarget): void {
    if (this.#job !== undefined && sameTarget(this.#job.target, target)) return;
    const message = messageOf(this.#parts.key, target, this.#parts.lookups);
    assert(message !== undefined, "a coordinator seals what is final and computed here");
    if (this.#job?.isWaiting === true) this.#rememberPatience(this.#job);
    const patienceMs = this.#rememberedPatience(target) ?? this.#parts.patienceMs;
    this.#job = new SealJob({ target, message, patienceMs });
  }

  #rememberPatience(job: SealJob): void {
    if (job.target.kind === "test") return;
    job.startOver(this.#parts.patienceMaxMs);
    this.#patience.remember(job.target.height, job.patienceMs, REMEMBERED_MAX);
  }

  #rememberedPatience(target: SealTarget): number | undefined {
    return target.kind === "test" ? undefined : this.#patience.get(target.height);
  }

  #receive(from: ValidatorIndex, answer: SealAnswer, now: number): void {
    if ("next" in answer && !this.#keepCommitment(from, answer.next, now)) return;
    const job = this.#job;
    if (job === undefined) return;
    switch (answer.kind) {
      case "commitment":
        return;
      case "seal":
        if (job.awaiting(from, answer.session) !== undefined) this.#receiveSeal(job, from, answer);
        return;
      case "share": {
        const session = job.awaiting(from, answer.session);
        if (session !== undefined) this.#receiveShare(job, session, from, answer.share);
        return;
      }
      case "staleNonce":
        if (job.awaiting(from, answer.session) !== undefined) this.#excuse(job, from);
        return;
      case "refused": {
        const isOfSession =
          answer.session === undefined || job.awaiting(from, answer.session) !== undefined;
        if (isOfSession) this.#receiveRefusal(job, from, answer.reason);
        return;
      }
      default:
        unreachable(answer);
    }
  }

  /** S7: returns false, and blames the signer, if the commitment is not two valid points. */
  #keepCommitment(from: ValidatorIndex, commitment: NonceCommitment, now: number): boolean {
    const { isValidPoint } = this.#parts.suite;
    if (!isValidPoint(commitment.hiding) || !isValidPoint(commitment.binding)) {
      this.#blame(from, "malformedCommitment");
      return false;
    }
    this.#roster.keep(from, commitment, now);
    return true;
  }

  #receiveShare(job: SealJob, session: SigningSession, from: ValidatorIndex, share: Bytes): void {
    const taken = session.receive(from, share);
    if (taken !== "taken") {
      this.#blame(from, taken);
      return;
    }
    if (session.missing.length > 0) return;
    const aggregate = session.aggregate(this.#parts.verify);
    if (aggregate.kind === "spoiled") {
      for (const member of aggregate.by) this.#blame(member, "wrongShare");
      return;
    }
    for (const member of session.members) this.#roster.setSuspect(member, false);
    this.#finish({ target: job.target, message: job.message, seal: aggregate.seal });
  }

  #receiveSeal(job: SealJob, from: ValidatorIndex, answer: SealAnswer & { kind: "seal" }): void {
    const { key, lookups, verify } = this.#parts;
    const { target, seal } = answer;
    if (!covers(job.target, target)) {
      this.#blame(from, "wrongSeal");
      return;
    }
    const message = messageOf(key, target, lookups);
    if (message === undefined) {
      // The header is not final here yet, so its seal can be neither accepted nor blamed.
      this.#bar(job, from);
    } else if (sealHolds(key, { message, seal }, verify)) {
      this.#finish({ target, message, seal });
    } else {
      this.#blame(from, "wrongSeal");
    }
  }

  #receiveRefusal(job: SealJob, from: ValidatorIndex, reason: SealRefusal): void {
    const test: SealTarget = { kind: "test", epoch: this.#parts.key.context.epoch };
    const seal = reason === "untested" ? this.#parts.lookups.seal(test) : undefined;
    if (seal === undefined) {
      this.#bar(job, from);
      return;
    }
    this.#out.notices.push({ to: from, notice: { kind: "notice", target: test, seal } });
    this.#excuse(job, from);
  }

  #receiveSilence(from: ValidatorIndex, now: number): void {
    const job = this.#job;
    if (job === undefined) return;
    const wasAsked = job.gathering?.asked.has(from) === true;
    if (job.session?.missing.includes(from) === true) this.#bar(job, from);
    else if (wasAsked && !this.#roster.hasUnused(from, now)) this.#bar(job, from);
  }

  /** S6: ends a session past its deadline, and opens the next one as soon as t signers have unused commitments. */
  #advance(job: SealJob, now: number): void {
    if (job.session !== undefined) {
      if (now < job.session.parts.deadline) return;
      for (const member of job.session.missing) this.#bar(job, member);
    }
    if (job.retryAt !== undefined) {
      if (now < job.retryAt) return;
      job.startOver(this.#parts.patienceMaxMs);
    }
    if (job.gathering !== undefined && now >= job.gathering.deadline) {
      for (const member of job.gathering.asked) {
        if (!this.#roster.hasUnused(member, now)) this.#bar(job, member);
      }
      job.gathering = undefined;
    }
    const { threshold } = this.#parts.key.context;
    const candidates = this.#roster.candidates(job.barred);
    const ready = candidates.filter((member) => this.#roster.hasUnused(member, now));
    if (ready.length >= threshold) this.#open(job, ready.slice(0, threshold), now);
    else if (candidates.length >= threshold) this.#gather(job, candidates, now);
    else this.#wait(job, now);
  }

  #open(job: SealJob, members: readonly ValidatorIndex[], now: number): void {
    this.#lastSession += 1;
    const session = new SigningSession({
      suite: this.#parts.suite,
      group: this.#parts.group,
      key: this.#parts.key,
      id: { run: this.#parts.run, number: this.#lastSession },
      target: job.target,
      message: job.message,
      commitments: this.#roster.spend(members),
      deadline: now + job.patienceMs,
      checksShares: job.sessions > 0,
    });
    job.session = session;
    job.sessions += 1;
    job.gathering = undefined;
    for (const to of session.members) this.#out.requests.push({ to, request: session.request });
  }

  #gather(job: SealJob, candidates: readonly ValidatorIndex[], now: number): void {
    job.gathering ??= { asked: new Set(), deadline: now + job.patienceMs };
    const { epoch } = this.#parts.key.context;
    for (const to of candidates) {
      if (this.#roster.hasUnused(to, now) || job.gathering.asked.has(to)) continue;
      job.gathering.asked.add(to);
      const spent = this.#roster.spent(to);
      this.#out.requests.push({ to, request: { kind: "commitment", epoch, spent } });
    }
  }

  /** S6: too few members are left to ask. Sets a time to start over, if enough of them are not blamed for good. */
  #wait(job: SealJob, now: number): void {
    job.gathering = undefined;
    const trusted = this.#roster.candidates(new Set());
    const enoughTrusted = trusted.length >= this.#parts.key.context.threshold;
    job.retryAt = enoughTrusted ? now + job.patienceMs : undefined;
  }

  #finish(made: SealMade): void {
    this.#out.seal = made;
    this.#job = undefined;
  }

  /** The session cannot succeed, but the signer is not at fault and may join the next one. The second time, bar it. */
  #excuse(job: SealJob, member: ValidatorIndex): void {
    if (!job.excuse(member)) this.#bar(job, member);
  }

  /** S6: leaves a silent or refusing signer out of the next session of this target. */
  #bar(job: SealJob, member: ValidatorIndex): void {
    job.bar(member);
    this.#roster.setSuspect(member, true);
  }

  /** S6: a signer that is proven wrong is asked no more in this run. */
  #blame(member: ValidatorIndex, reason: BlameReason): void {
    if (!this.#roster.isTrusted(member)) return;
    this.#roster.blame(member);
    this.#out.blamed.push({ member, reason });
    this.#job?.endSessionOf(member);
  }
}
