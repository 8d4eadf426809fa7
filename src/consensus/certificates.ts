/** The certificates held: of every view above the final one, and the highest finalization (R14, R26). */
import { equalBytes, toHex } from "../primitives/bytes.ts";
import type { Digest } from "../primitives/hash.ts";
import { LIMITS } from "../primitives/limits.ts";
import { type View, view } from "../primitives/numbers.ts";
import type { Certificate, VoteSubject } from "../primitives/vote.ts";
import type { BlockRef } from "./ancestry.ts";

export type BlockSubject = Exclude<VoteSubject, { kind: "nullify" }>;

/** A notarization or a finalization. */
export interface BlockCertificate extends Certificate {
  readonly subject: BlockSubject;
}

export function isBlockCertificate(certificate: Certificate): certificate is BlockCertificate {
  return certificate.subject.kind !== "nullify";
}

export function certifiedBlock({ subject }: BlockCertificate): BlockRef {
  return { hash: subject.blockHash, height: subject.height };
}

export class Certificates {
  readonly #notarizations = new Map<View, BlockCertificate>();
  readonly #nullifications = new Map<View, Certificate>();
  readonly #viewOfBlock = new Map<string, View>();
  #finalization: BlockCertificate | undefined;
  #highestNotarization: BlockCertificate | undefined;

  /** The highest known; its block may not be held yet. */
  get finalization(): BlockCertificate | undefined {
    return this.#finalization;
  }

  /** The view of the highest finalization; 0, the genesis, if there is none. */
  get finalizedView(): View {
    return this.#finalization?.subject.view ?? view(0);
  }

  /** The highest notarization of a view above the highest finalization. */
  get unfinal(): BlockCertificate | undefined {
    const highest = this.#highestNotarization;
    return highest !== undefined && highest.subject.view > this.finalizedView ? highest : undefined;
  }

  /** The number of certificates kept. */
  get size(): number {
    return this.#notarizations.size + this.#nullifications.size;
  }

  /** Keeps a certificate; false if an equally good one is held. */
  add(certificate: Certificate): boolean {
    if (this.holds(certificate.subject)) return false;
    const at = certificate.subject.view;
    if (!isBlockCertificate(certificate)) {
      this.#nullifications.set(at, certificate);
      if (this.#nullifications.size > LIMITS.nullificationsMax) this.#forgetLowestNullification();
      return true;
    }
    if (certificate.subject.kind === "finalize") {
      this.#finalization = certificate;
      return true;
    }
    this.#notarizations.set(at, certificate);
    this.#viewOfBlock.set(toHex(certificate.subject.blockHash), at);
    const highest = this.#highestNotarization;
    if (highest === undefined || at > highest.subject.view) this.#highestNotarization = certificate;
    return true;
  }

  /** True if a certificate on `subject` would add nothing. */
  holds(subject: VoteSubject): boolean {
    switch (subject.kind) {
      case "nullify":
        return this.#nullifications.has(subject.view);
      case "notarize":
        return this.#notarizations.has(subject.view);
      case "finalize":
        return subject.view <= this.finalizedView;
    }
  }

  nullified(at: View): boolean {
    return this.#nullifications.has(at);
  }

  notarization(at: View): BlockCertificate | undefined {
    return this.#notarizations.get(at);
  }

  /** Notarizations of views above the highest finalization, in the order of their arrival. */
  *unfinalNotarizations(): Iterable<BlockCertificate> {
    for (const notarization of this.#notarizations.values()) {
      if (notarization.subject.view > this.finalizedView) yield notarization;
    }
  }

  /** Every block that a certificate held is about. */
  *certifiedHashes(): Iterable<Digest> {
    for (const { subject } of this.#notarizations.values()) yield subject.blockHash;
    if (this.#finalization !== undefined) yield this.#finalization.subject.blockHash;
  }

  /** The block certified in a view: by its notarization, or by the highest finalization. */
  certified(at: View): BlockCertificate | undefined {
    const finalization = this.#finalization;
    return finalization?.subject.view === at ? finalization : this.#notarizations.get(at);
  }

  /** The certificate that makes a block a possible parent. */
  ofBlock(hash: Digest): BlockCertificate | undefined {
    const finalization = this.#finalization;
    if (finalization !== undefined && equalBytes(finalization.subject.blockHash, hash)) {
      return finalization;
    }
    const at = this.#viewOfBlock.get(toHex(hash));
    return at === undefined ? undefined : this.#notarizations.get(at);
  }

  /** A certificate that lets a node leave `at`. */
  leaving(at: View): Certificate | undefined {
    return this.certified(at) ?? this.#nullifications.get(at);
  }

  /** The highest view from `from` down to `through` that is not known to be nullified. */
  highestGap(from: View, through: View): View | undefined {
    for (let at: number = from; at >= through; at--) {
      if (!this.#nullifications.has(view(at))) return view(at);
    }
    return undefined;
  }

  /** Everything held of the views from `to` down to `from`, at most `limit` certificates. */
  range(from: View, to: View, limit: number): Certificate[] {
    const found: Certificate[] = [];
    const top = Math.min(to, this.#highestView());
    for (let at = top; at >= from && found.length + 1 < limit; at--) {
      const notarization = this.#notarizations.get(view(at));
      const nullification = this.#nullifications.get(view(at));
      if (notarization !== undefined) found.push(notarization);
      if (nullification !== undefined) found.push(nullification);
    }
    return found;
  }

  forgetThrough(at: View): void {
    for (const [known, notarization] of this.#notarizations) {
      if (known > at) continue;
      this.#notarizations.delete(known);
      this.#viewOfBlock.delete(toHex(notarization.subject.blockHash));
    }
    for (const known of this.#nullifications.keys()) {
      if (known <= at) this.#nullifications.delete(known);
    }
  }

  #highestView(): number {
    let highest = 0;
    for (const known of this.#notarizations.keys()) highest = Math.max(highest, known);
    for (const known of this.#nullifications.keys()) highest = Math.max(highest, known);
    return highest;
  }

  #forgetLowestNullification(): void {
    const lowest = Math.min(...this.#nullifications.keys());
    this.#nullifications.delete(view(lowest));
  }
}
