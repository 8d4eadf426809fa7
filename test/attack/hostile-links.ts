/** The links of a hostile member: they carry the messages of its honest node, twisted, and those of the attack. */
import { create } from "@bufbuild/protobuf";
import { type LinkRequest, LinkRequestSchema } from "../../gen/countersign/v1/peer_service_pb.ts";
import { decodeMessage, encodeMessage, type Message } from "../../src/consensus/message.ts";
import { sha256 } from "../../src/node/base/crypto.ts";
import { EncodingError } from "../../src/primitives/encoding.ts";
import type { ValidatorIndex } from "../../src/primitives/numbers.ts";
import type { PeerClient } from "../../src/transport/peer-client.ts";
import type { LinkWords } from "./attack.ts";

/** Absent: the node's own messages go out unchanged. */
export interface Twist {
  messages(to: ValidatorIndex, message: Message): readonly Message[];
  readonly passesOperations: boolean;
}

interface Added {
  readonly batch: LinkRequest;
  readonly taken: () => void;
}

class Line {
  readonly added: Added[] = [];
  /** The stream has taken it but has no room for more yet. */
  underWay: Added | undefined;
  wake: () => void = () => undefined;
}

export class HostileLinks {
  readonly #lines = new Map<ValidatorIndex, Line>();
  twist: Twist | undefined;

  /** The same client with another link. */
  wrap(peer: ValidatorIndex, client: PeerClient): PeerClient {
    return {
      ...client,
      link: (batches, signal) => client.link(this.#merged(peer, batches, signal), signal),
    };
  }

  /** Settles when the stream has taken the batch: flow control slows an attack as it slows a node. */
  say(peer: ValidatorIndex, batch: LinkWords): Promise<void> {
    const line = this.#line(peer);
    return new Promise((resolve) => {
      line.added.push({ batch: create(LinkRequestSchema, batch), taken: resolve });
      line.wake();
    });
  }

  /** Forgets the batches that no stream has taken, and ends every wait for room. */
  hush(): void {
    for (const { added, underWay } of this.#lines.values()) {
      for (const { taken } of added.splice(0)) taken();
      underWay?.taken();
    }
  }

  async *#merged(
    peer: ValidatorIndex,
    batches: AsyncIterable<LinkRequest>,
    signal: AbortSignal,
  ): AsyncGenerator<LinkRequest> {
    const line = this.#line(peer);
    const honest = batches[Symbol.asyncIterator]();
    let arrived: IteratorResult<LinkRequest> | undefined;
    const next = (): void => {
      honest.next().then(
        (result) => {
          arrived = result;
          line.wake();
        },
        () => {
          arrived = { done: true, value: undefined };
          line.wake();
        },
      );
    };
    next();
    signal.addEventListener("abort", () => line.wake(), { once: true });
    while (!signal.aborted) {
      if (arrived !== undefined) {
        if (arrived.done === true) return;
        const twisted = this.#twisted(peer, arrived.value);
        arrived = undefined;
        next();
        if (twisted !== undefined) yield twisted;
        continue;
      }
      const added = line.added.shift();
      if (added === undefined) {
        await new Promise<void>((resolve) => {
          line.wake = resolve;
        });
        continue;
      }
      line.underWay = added;
      try {
        yield added.batch;
      } finally {
        // The end of a stream also settles this.
        line.underWay = undefined;
        added.taken();
      }
    }
  }

  #twisted(peer: ValidatorIndex, batch: LinkRequest): LinkRequest | undefined {
    const { twist } = this;
    if (twist === undefined) return batch;
    const consensusMessages = batch.consensusMessages.flatMap((bytes) => {
      const message = decodeMessage(sha256, bytes);
      if (message instanceof EncodingError) throw message;
      return twist.messages(peer, message).map(encodeMessage);
    });
    const operations = twist.passesOperations ? batch.operations : [];
    const { seals } = batch;
    if (consensusMessages.length + operations.length + seals.length === 0) return undefined;
    return create(LinkRequestSchema, { consensusMessages, operations, seals });
  }

  #line(peer: ValidatorIndex): Line {
    const line = this.#lines.get(peer) ?? new Line();
    this.#lines.set(peer, line);
    return line;
  }
}
