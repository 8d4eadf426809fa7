/** This node's way to its peers: one link to each, registrations exchanged before anything else, and single questions. */
import type { ValidatorIndex } from "../primitives/numbers.ts";
import type { Validator } from "../primitives/validators.ts";
import { type PeerClient, PeerFailure } from "../transport/peer-client.ts";
import { PeerLinks } from "../transport/peer-links.ts";
import type { Log } from "./log.ts";
import type { Registry } from "./registry.ts";
import type { System } from "./system.ts";

export interface PeerContactsParts {
  readonly validators: readonly Validator[];
  readonly self: ValidatorIndex;
  readonly clientOf: (peer: Validator) => PeerClient;
  readonly registry: Registry;
  readonly onConnected: (peer: ValidatorIndex) => void;
  readonly onDisconnected: (peer: ValidatorIndex) => void;
  readonly system: System;
  readonly log: Log;
  readonly fail: (error: unknown) => void;
}

export class PeerContacts {
  readonly #parts: PeerContactsParts;
  readonly links: PeerLinks;
  /** Everybody but this node, in genesis order. */
  readonly others: readonly ValidatorIndex[];

  constructor(parts: PeerContactsParts) {
    this.#parts = parts;
    const { validators, self, clientOf, onConnected, onDisconnected, system, log } = parts;
    const peers = validators.filter(({ index }) => index !== self);
    this.others = peers.map(({ index }) => index);
    this.links = new PeerLinks({
      peers: peers.map((peer) => ({
        index: peer.index,
        nodeId: peer.id,
        client: clientOf(peer),
      })),
      greet: ({ index, client }) => this.#greet(index, client),
      onConnected,
      onDisconnected,
      timers: system,
      log,
    });
  }

  /** A peer's answer; undefined if there was none: then another is asked, or this one later. */
  async ask<T>(
    peer: ValidatorIndex,
    call: (client: PeerClient) => Promise<T | PeerFailure>,
  ): Promise<T | undefined> {
    const client = this.links.client(peer);
    if (client === undefined) return undefined;
    const answer = await call(client);
    if (!(answer instanceof PeerFailure)) return answer;
    this.#parts.log.debug({ peer, why: answer.message }, "a peer gave no answer");
    return undefined;
  }

  async #greet(peer: ValidatorIndex, client: PeerClient): Promise<PeerFailure | undefined> {
    const { registry, fail } = this.#parts;
    const answer = await client.register(registry.own);
    if (answer instanceof PeerFailure) return answer;
    try {
      const refusal = await registry.accept(answer, peer);
      return refusal && new PeerFailure("malformed", refusal.message, refusal);
    } catch (error) {
      // The store refused: that is the node's end, not only the link's.
      fail(error);
      return new PeerFailure("unreachable", "this node cannot store registrations");
    }
  }
}
