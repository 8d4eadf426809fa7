/** Shows the progress of work that takes more than a second: the part done, the total and the time left. */
import type { WriteStream } from "node:tty";

const FIRST_MS = 1_000;
const TERMINAL_MS = 250;
/** A log needs only an occasional line. */
const LOG_MS = 5_000;

export function isTerminal(stream: WriteStream | NodeJS.WritableStream): boolean {
  return "isTTY" in stream && stream.isTTY === true;
}

export class ProgressLine {
  readonly #what: string;
  readonly #stream: WriteStream | NodeJS.WritableStream;
  readonly #start = performance.now();
  readonly #isTerminal: boolean;
  #last = 0;
  #shown = false;

  constructor(what: string, stream: WriteStream | NodeJS.WritableStream) {
    this.#what = what;
    this.#stream = stream;
    this.#isTerminal = isTerminal(stream);
  }

  /** May be called at any rate. */
  update(done: number, total?: number): void {
    const elapsed = performance.now() - this.#start;
    const every = this.#isTerminal ? TERMINAL_MS : LOG_MS;
    if (elapsed < FIRST_MS || elapsed - this.#last < every) return;
    this.#last = elapsed;
    const line = this.#line(done, total, elapsed);
    this.#stream.write(this.#isTerminal ? `\r\x1b[K${line}` : `${line}\n`);
    this.#shown = true;
  }

  /** Clears the line that a terminal shows. */
  end(): void {
    if (this.#shown && this.#isTerminal) this.#stream.write("\r\x1b[K");
  }

  #line(done: number, total: number | undefined, elapsed: number): string {
    if (total === undefined || done <= 0) return `${this.#what}: ${done}`;
    // The measured time may end before the last answer arrives.
    if (done >= total) return `${this.#what}: ${total} of ${total} (100 %), waiting for the last`;
    const left = (elapsed / done) * (total - done);
    const percent = Math.floor((done / total) * 100);
    return `${this.#what}: ${done} of ${total} (${percent} %), ${Math.ceil(left / 1000)} s left`;
  }
}
