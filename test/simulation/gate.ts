/** Receives messages for a node's core: decodes them and checks the signatures that `messageChecks` lists. */
import type { ConsensusConfig } from "../../src/consensus/interface.ts";
import {
  decodeMessage,
  encodeMessage,
  type Message,
  messageChecks,
} from "../../src/consensus/message.ts";
import { sha256 } from "../../src/node/base/crypto.ts";
import { EncodingError } from "../../src/primitives/encoding.ts";
import { simulatedVerify } from "../support/world/simulated-keys.ts";
import { Violation } from "../support/world/violation.ts";

export class Gate {
  readonly #config: Pick<ConsensusConfig, "networkId" | "epoch" | "validators">;
  readonly #isHonest: (node: number) => boolean;
  /** Applies to honest senders too; it costs time. */
  readonly #encodes: boolean;

  constructor(options: {
    config: Pick<ConsensusConfig, "networkId" | "epoch" | "validators">;
    isHonest: (node: number) => boolean;
    encodes: boolean;
  }) {
    this.#config = options.config;
    this.#isHonest = options.isHonest;
    this.#encodes = options.encodes;
  }

  /** The received message; undefined if it is not authentic, which no honest node may cause. */
  pass(from: number, message: Message): Message | undefined {
    const honest = this.#isHonest(from);
    if (honest && !this.#encodes) return message;
    const received = this.#encodes ? decodeMessage(sha256, encodeMessage(message)) : message;
    if (received instanceof EncodingError) throw received;
    const authentic = messageChecks(this.#config, received)?.every(simulatedVerify) === true;
    if (honest && !authentic) {
      throw new Violation("authenticity", `node ${from} sent a ${message.kind} that is refused`);
    }
    return authentic ? received : undefined;
  }
}
