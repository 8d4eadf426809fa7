/**
 * This node's connections to its peers: one link to each, on which registrations come first, and single questions. It
 * also notes when each peer was last heard from: by link, call, answer or ping.
 */
import { assert } from "../../primitives/assert.ts";
import type { Bytes } from "../../primitives/bytes.ts";
import type { Digest } from "../../primitives/hash.ts";
import type { ValidatorIndex } from "../../primitives/numbers.ts";
import type { Validator } from "../../primitives/validators.ts";
import type { BlocksQuery, FetchedBlocks, Recollection } from "../../transport/peer-api.ts";
import { type CallLimits, type PeerClient, PeerFailure } from "../../transport/peer-client.ts";
import { PeerLinks } from "../../transport/peer-links.ts";
import type { Refusal } from "../../transport/refusal.ts";
import type { Greeting } from "../../transport/registration.ts";
import type { SignedVerification, VerificationAnswer } from "../../transport/verification.ts";
import type { Log } from "../base/log.ts";
import type { System } from "../base/system.ts";
import type { Approvals } from "./approvals.ts";
import { PeerBodies } from "./peer-bodies.ts";
import type { PeerSoftware } from "./peer-software.ts";
import type { Registry } from "./registry.ts";

export interface PeerContactsParts {
  readonly validators: readonly Validator[];
  readonly self: ValidatorIndex;
  /** `onAnswer`: called when the peer has answered a ping on the connection to it. */
  readonly clientOf: (peer: Validator, onAnswer: () => void) => PeerClient;
  readonly registry: Registry;
  readonly software: PeerSoftware;
  readonly approvals: Pick<Approvals, "own" | "receive">;
  readonly system: System;
  readonly log: Log;
  readonly fail: (error: unknown) => void;
}

export interface ContactsObserver {
  /** The link to a peer is up. */
  connected(peer: ValidatorIndex): void;
  disconnected(peer: ValidatorIndex): void;
  /** A peer refuses this node's registration, because it holds a newer one. */
  outdated(peer: ValidatorIndex): void;
  /** A peer's approval of a ruleset may have come in. */
  approved(): void;
}

/** The longest wait for a peer's answer. */
const RECALL_MS = 2_000;

export class PeerContacts {
  readonly #parts: PeerContactsParts;
  readonly #clients: ReadonlyMap<ValidatorIndex, PeerClient>;
  #observers: readonly Partial<ContactsObserver>[] = [];
  /** By the monotonic clock. */
  readonly #heardAt = new Map<ValidatorIndex, number>();
  /** Of calls alone, which show that the peer reaches this node. */
  readonly #calledAt = new Map<ValidatorIndex, number>();
  readonly links: PeerLinks;
  readonly software: PeerSoftware;
  readonly bodies = new PeerBodies();
  /** All members but this node, in genesis order. */
  readonly others: readonly ValidatorIndex[];

  constructor(parts: PeerContactsParts) {
    this.#parts = parts;
    const { validators, self, clientOf, software, system, log } = parts;
    this.software = software;
    const peers = validators.filter(({ index }) => index !== self);
    this.others = peers.map(({ index }) => index);
    const reached = peers.map((peer) => ({
      ...peer,
      client: clientOf(peer, () => this.#note(peer.index)),
    }));
    this.#clients = new Map(reached.map(({ index, client }) => [index, client]));
    this.links = new PeerLinks({
      peers: reached.map(({ index, id, client }) => ({ index, nodeId: id, client })),
      greet: ({ index, client }, signal) => this.#greet(index, client, signal),
      onConnected: (peer) => {
        for (const observer of this.#observers) observer.connected?.(peer);
      },
      onDisconnected: (peer) => {
        for (const observer of this.#observers) observer.disconnected?.(peer);
      },
      timers: system,
      log,
    });
  }

  /** Opens a link to every peer. The observers are called in this order. */
  open(observers: readonly Partial<ContactsObserver>[]): void {
    this.#observers = observers;
    this.links.open();
  }

  /** A peer has called this node, as its certificate proves: it is up, and can be dialled. */
  called(peer: ValidatorIndex): void {
    this.#note(peer);
    this.#calledAt.set(peer, this.#parts.system.monotonic());
    this.links.heard(peer);
  }

  /** Milliseconds since the last sign of a peer; undefined if there was none. */
  silentMs(peer: ValidatorIndex): number | undefined {
    return this.#since(this.#heardAt.get(peer));
  }

  /** Milliseconds since the last call of a peer to this node; undefined if there was none. */
  calledMs(peer: ValidatorIndex): number | undefined {
    return this.#since(this.#calledAt.get(peer));
  }

  #since(at: number | undefined): number | undefined {
    return at === undefined ? undefined : this.#parts.system.monotonic() - at;
  }

  /** A peer's records of this node. Needs no link to the peer. */
  async recall(peer: ValidatorIndex, signal?: AbortSignal): Promise<Recollection | PeerFailure> {
    const client = this.#clients.get(peer);
    assert(client !== undefined, "only peers are asked");
    const limits = { timeoutMs: RECALL_MS };
    return this.#answered(
      peer,
      await client.recall(signal === undefined ? limits : { ...limits, signal }),
    );
  }

  fetchBlocks(peer: ValidatorIndex, query: BlocksQuery): Promise<FetchedBlocks | undefined> {
    return this.#ask(peer, (client) => client.fetchBlocks(query));
  }

  /** Operations of these leaf hashes that the peer holds. */
  fetchOperations(
    peer: ValidatorIndex,
    leafHashes: readonly Digest[],
  ): Promise<readonly Bytes[] | undefined> {
    return this.#ask(peer, (client) => client.fetchOperations(leafHashes));
  }

  verification(
    peer: ValidatorIndex,
    signed: SignedVerification,
  ): Promise<VerificationAnswer | undefined> {
    return this.#ask(peer, (client) => client.verification(signed));
  }

  /** The peer's wall clock. */
  async readClock(peer: ValidatorIndex, limits: CallLimits): Promise<number | undefined> {
    const answer = await this.#ask(peer, (client) => client.readClock(limits));
    if (answer?.bodiesFrom !== undefined) this.bodies.note(peer, answer.bodiesFrom);
    return answer?.wallClock;
  }

  /** A peer's answer; undefined if there was none: then another peer is asked, or this one later. */
  async #ask<T>(
    peer: ValidatorIndex,
    call: (client: PeerClient) => Promise<T | PeerFailure>,
  ): Promise<T | undefined> {
    const client = this.links.client(peer);
    if (client === undefined) return undefined;
    const answer = this.#answered(peer, await call(client));
    if (!(answer instanceof PeerFailure)) return answer;
    this.#parts.log.debug({ peer, why: answer.message }, "a peer gave no answer");
    return undefined;
  }

  /** Any answer of a peer, even a refusal or an unreadable one, is a sign of it. */
  #answered<T>(peer: ValidatorIndex, answer: T | PeerFailure): T | PeerFailure {
    if (!(answer instanceof PeerFailure) || answer.kind !== "unreachable") this.#note(peer);
    return answer;
  }

  #note(peer: ValidatorIndex): void {
    this.#heardAt.set(peer, this.#parts.system.monotonic());
  }

  /** This node's greeting, with no more than the peer's version of the protocol has. */
  greetingFor(peer: ValidatorIndex): Greeting {
    const { registry, software, approvals } = this.#parts;
    const approval = software.takesApprovals(peer) ? approvals.own : undefined;
    return { ...registry.own, capabilities: software.stated, approval };
  }

  /** Takes in the greeting of a peer whose identity is proved; a refusal if there can be no link to it. */
  async greeted(
    peer: ValidatorIndex,
    { capabilities, approval }: Greeting,
  ): Promise<Refusal | undefined> {
    const { software, approvals } = this.#parts;
    const mismatch = software.note(peer, capabilities);
    if (mismatch !== undefined) return mismatch;
    if (approval !== undefined && software.takesApprovals(peer)) {
      await approvals.receive(peer, approval);
      for (const observer of this.#observers) observer.approved?.();
    }
    return undefined;
  }

  /** This node has approved a ruleset: tells every peer that takes approvals. The others hear of it when they register. */
  tellApproval(): void {
    for (const [peer, client] of this.#clients) void this.#tellApproval(peer, client);
  }

  async #tellApproval(peer: ValidatorIndex, client: PeerClient, signal?: AbortSignal) {
    const greeting = this.greetingFor(peer);
    if (greeting.approval === undefined) return;
    // Without an answer, the next greeting brings it.
    await client.register(greeting, signal === undefined ? {} : { signal });
  }

  async #greet(
    peer: ValidatorIndex,
    client: PeerClient,
    signal: AbortSignal,
  ): Promise<PeerFailure | undefined> {
    const { registry, fail } = this.#parts;
    const greeting = this.greetingFor(peer);
    const answer = this.#answered(peer, await client.register(greeting, { signal }));
    if (answer instanceof PeerFailure) {
      if (answer.refusal?.reason === "STALE_REGISTRATION") {
        for (const observer of this.#observers) observer.outdated?.(peer);
      }
      return answer;
    }
    try {
      const refusal = await registry.accept(answer, peer);
      if (refusal !== undefined) return new PeerFailure("malformed", refusal.message, refusal);
      const mismatch = await this.greeted(peer, answer);
      if (mismatch !== undefined) return new PeerFailure("refused", mismatch.message, mismatch);
      // Only the answer has told that the peer takes approvals.
      if (greeting.approval === undefined) await this.#tellApproval(peer, client, signal);
      return undefined;
    } catch (error) {
      // The store failed, which stops the node and not only the link.
      fail(error);
      return new PeerFailure("unreachable", "this node cannot store registrations");
    }
  }
}
