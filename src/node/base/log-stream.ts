/**
 * Standard output as the log writes to it. A log that cannot be written stops no node: lines wait in bounded room,
 * and the rest is dropped and counted. Standard error reports the problem once, and its end once.
 */
import { writeSync } from "node:fs";

const STANDARD_OUTPUT = 1;
const STANDARD_ERROR = 2;
/** Bytes of lines that wait until there is room. */
const WAITING_BYTES_MAX = 1024 * 1024;
const NOTHING = Buffer.alloc(0);

export type WriteSome = (file: number, bytes: Uint8Array) => number;

export class LogStream {
  readonly #write: WriteSome;
  #waiting: Buffer = NOTHING;
  #lost = 0;
  /** A problem was reported on standard error and is not over yet. */
  #isBroken = false;
  /** The reader is gone for good. */
  #isOver = false;

  constructor(write: WriteSome = writeSync) {
    this.#write = write;
  }

  /** Writes one whole line. */
  write(line: string): void {
    if (this.#isOver) return;
    const bytes = Buffer.from(line);
    if (this.#waiting.length + bytes.length > WAITING_BYTES_MAX) this.#lost += 1;
    else this.#waiting = this.#waiting.length === 0 ? bytes : Buffer.concat([this.#waiting, bytes]);
    this.#flush();
  }

  #flush(): void {
    try {
      while (this.#waiting.length > 0) {
        this.#waiting = this.#waiting.subarray(this.#write(STANDARD_OUTPUT, this.#waiting));
      }
    } catch (error) {
      this.#failed(error as NodeJS.ErrnoException);
      return;
    }
    if (this.#isBroken) this.#say(`the log can be written again; lines lost: ${this.#lost}`);
    this.#isBroken = false;
    this.#lost = 0;
  }

  #failed({ code, message }: NodeJS.ErrnoException): void {
    // The reader is slow; the rest goes out with the next line.
    if (code === "EAGAIN") return;
    if (code === "EPIPE") {
      this.#isOver = true;
      this.#waiting = NOTHING;
    }
    if (this.#isBroken) return;
    this.#isBroken = true;
    const until = code === "EPIPE" ? "without a log" : "and writes its log when it can again";
    this.#say(`the log cannot be written (${message}); the node goes on ${until}`);
  }

  #say(text: string): void {
    try {
      this.#write(STANDARD_ERROR, Buffer.from(`countersign: ${text}\n`));
    } catch {
      // If standard error fails too, nothing can be reported.
    }
  }
}
