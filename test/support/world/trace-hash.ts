/** Invariant 7: a hash over all events in order. The same seed gives the same hash. */
import { createHash } from "node:crypto";
import type { Input } from "../../../src/consensus/interface.ts";
import type { Message } from "../../../src/consensus/message.ts";
import { toHex } from "../../../src/primitives/bytes.ts";

export class TraceHash {
  readonly #hash = createHash("sha256");
  #events = 0;

  get events(): number {
    return this.#events;
  }

  note(at: number, node: number, what: string): void {
    this.#events += 1;
    this.#hash.update(`${at} ${node} ${what}\n`);
  }

  /** The hash in hexadecimal; no event can be added after it. */
  finish(): string {
    return this.#hash.digest("hex");
  }
}

export function describeInput(input: Input): string {
  return input.kind === "message"
    ? `message ${input.from} ${describeMessage(input.message)}`
    : input.kind;
}

export function describeMessage(message: Message): string {
  switch (message.kind) {
    case "proposal":
      return `proposal ${message.proposal.header.view} ${toHex(message.proposal.hash)}`;
    case "vote":
      return `${message.vote.kind} ${message.vote.view} ${toHex(message.vote.blockHash)}`;
    case "nullify":
      return `nullify ${message.vote.view} ${message.finalHeight}`;
    case "certificates":
      return message.certificates.map(({ subject }) => `${subject.kind} ${subject.view}`).join();
    case "status":
      return `status ${message.view} ${message.finalHeight}`;
    case "question":
      return `question ${message.from} ${message.to}`;
  }
}
