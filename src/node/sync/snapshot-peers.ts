/** The peers during a start, before there are links to them (R31): each is asked by single calls. */
import { assert } from "../../primitives/assert.ts";
import type { ValidatorIndex } from "../../primitives/numbers.ts";
import type { Validator } from "../../primitives/validators.ts";
import type {
  BlocksQuery,
  FetchedBlocks,
  FetchedSnapshot,
  SnapshotQuery,
} from "../../transport/peer-api.ts";
import { type CallLimits, type PeerClient, PeerFailure } from "../../transport/peer-client.ts";
import type { Log } from "../base/log.ts";
import type { BlockSource } from "./block-source.ts";

export interface SnapshotPeersParts {
  readonly peers: readonly Validator[];
  readonly clientOf: (peer: Validator) => PeerClient;
  readonly log: Log;
  /** Ends the calls. */
  readonly signal: AbortSignal | undefined;
}

export class SnapshotPeers implements BlockSource {
  readonly #clients: ReadonlyMap<ValidatorIndex, PeerClient>;
  readonly #log: Log;
  readonly #limits: CallLimits;

  constructor({ peers, clientOf, log, signal }: SnapshotPeersParts) {
    this.#clients = new Map(peers.map((peer) => [peer.index, clientOf(peer)]));
    this.#log = log;
    this.#limits = signal === undefined ? {} : { signal };
  }

  get others(): readonly ValidatorIndex[] {
    return [...this.#clients.keys()];
  }

  async fetchBlocks(peer: ValidatorIndex, query: BlocksQuery): Promise<FetchedBlocks | undefined> {
    return this.#answered(peer, await this.#clientOf(peer).fetchBlocks(query, this.#limits));
  }

  async fetchSnapshot(
    peer: ValidatorIndex,
    query: SnapshotQuery,
    limits: CallLimits = {},
  ): Promise<FetchedSnapshot | undefined> {
    const answer = this.#clientOf(peer).fetchSnapshot(query, { ...limits, ...this.#limits });
    return this.#answered(peer, await answer);
  }

  #clientOf(peer: ValidatorIndex): PeerClient {
    const client = this.#clients.get(peer);
    assert(client !== undefined, "only peers are asked");
    return client;
  }

  #answered<T>(peer: ValidatorIndex, answer: T | PeerFailure): T | undefined {
    if (!(answer instanceof PeerFailure)) return answer;
    this.#log.debug({ peer, why: answer.message }, "a peer gave no answer");
    return undefined;
  }
}
