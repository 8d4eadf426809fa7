/**
 * Standard output as a log is written to it. A log that cannot be written ends no node: what does not fit waits, what is too
 * much is lost and counted, and standard error says once what is wrong, and once that it is over.
 */
import { writeSync } from "node:fs";

const STANDARD_OUTPUT = 1;
const STANDARD_ERROR = 2;
/** Lines that wait until there is room. */
const WAITING_BYTES_MAX = 1024 * 1024;
const NOTHING = Buffer.alloc(0);

export type WriteSome = (file: number, bytes: Uint8Array) => number;

export class LogStream {
  readonly #write: WriteSome;
  #waiting: Buffer = NOTHING;
  #lost = 0;
  /** Said on standard error, and not yet over. */
  #isBroken = false;
  /** There is no reader any more, and never will be. */
  #isOver = false;

  constructor(write: WriteSome = writeSync) {
    this.#write = write;
  }

  /** One whole line. */
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
    // A reader that is slow; the rest goes with the next line.
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
      // Nowhere is left to say it.
    }
  }
}
