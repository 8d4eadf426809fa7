/**
 * Joins the messages to the thread of the seal engine, because each one costs both threads a wake: those of one turn go
 * together, and a header, which is no work for the engine by itself, goes with the next message.
 */
import type { ToEngine } from "./seal-engine.ts";

/** Headers that wait for another message. */
const HEADERS_WAITING_MAX = 64;

export class EngineMail {
  readonly #send: (messages: readonly ToEngine[]) => void;
  readonly #waiting: ToEngine[] = [];
  #isDue = false;
  /** The highest header of which a seal was posted. */
  #sealedHeight = -1;

  constructor(send: (messages: readonly ToEngine[]) => void) {
    this.#send = send;
  }

  post(message: ToEngine): void {
    this.#waiting.push(message);
    if (message.kind === "seal" && message.target.kind === "header") {
      this.#sealedHeight = Math.max(this.#sealedHeight, message.target.height);
    }
    if (this.#isDue || this.#canWait(message)) return;
    this.#isDue = true;
    queueMicrotask(() => {
      this.#isDue = false;
      this.#send(this.#waiting.splice(0));
    });
  }

  /** A seal that came before its header waits for it in the engine. */
  #canWait(message: ToEngine): boolean {
    if (message.kind !== "header" || message.height <= this.#sealedHeight) return false;
    return this.#waiting.length < HEADERS_WAITING_MAX;
  }
}
