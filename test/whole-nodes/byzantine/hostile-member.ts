/** Makes a member Byzantine: its hostility stands between its node and the network, and acts while the node runs. */
import type { LinkRequest } from "../../../gen/countersign/v1/peer_service_pb.ts";
import { batchFromMessage, batchToMessage } from "../../../src/transport/convert-peer.ts";
import type { PeerApi } from "../../../src/transport/peer-api.ts";
import type { PeerClient } from "../../../src/transport/peer-client.ts";
import { Refusal } from "../../../src/transport/refusal.ts";
import type { Life } from "../life.ts";
import type { Network } from "../network.ts";
import { type HostilityName, hostilityOf } from "./hostilities.ts";
import type { HostileContext, Hostility } from "./hostility.ts";

const ACTS_EVERY_MS = 400;

export interface HostileMemberParts
  extends Pick<HostileContext, "ledger" | "self" | "identity" | "custodyKey" | "clock" | "random"> {
  readonly hostility: HostilityName;
  readonly network: () => Network;
  /** Undefined while its node is down. */
  readonly life: () => Life | undefined;
}

export class HostileMember {
  readonly #parts: HostileMemberParts;
  readonly #hostility: Hostility;
  #rests = false;

  constructor(parts: HostileMemberParts) {
    this.#parts = parts;
    const { ledger, self, network, life } = parts;
    const peers = ledger.genesis.validators.map(({ index }) => index);
    this.#hostility = hostilityOf(parts.hostility)({
      ...parts,
      peers: peers.filter((peer) => peer !== self.index),
      send: (to, batch) => {
        const caller = life();
        if (caller === undefined) return;
        const whole = { operations: [], consensusMessages: [], seals: [], ...batch };
        void network().sendBatch(caller, to, whole, caller.end.signal);
      },
      clientOf: (to) => {
        const caller = life();
        return caller && network().clientOf(caller, to);
      },
    });
  }

  begin(): void {
    this.#parts.clock.after(ACTS_EVERY_MS, () => {
      if (this.#rests) return;
      if (this.#parts.life() !== undefined) this.#hostility.act?.();
      this.begin();
    });
  }

  /** Stops its floods; its twists go on. */
  rest(): void {
    this.#rests = true;
  }

  twistApi(api: PeerApi): PeerApi {
    return this.#hostility.twistApi?.(api) ?? api;
  }

  twistClient(to: number, client: PeerClient): PeerClient {
    const twisted = this.#hostility.twistClient?.(client) ?? client;
    return {
      ...twisted,
      link: (batches, signal) => client.link(this.#twisted(to, batches), signal),
    };
  }

  async *#twisted(to: number, batches: AsyncIterable<LinkRequest>): AsyncGenerator<LinkRequest> {
    for await (const message of batches) {
      const batch = batchFromMessage(message);
      if (batch instanceof Refusal) throw new Error(`a batch that is none: ${batch.message}`);
      const said = this.#hostility.twistBatch?.(to, batch) ?? batch;
      yield batchToMessage(said);
    }
  }
}
