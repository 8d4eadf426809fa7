/**
 * An output stream whose failures count. Every write is awaited and the first failure is kept. Nothing is
 * written after it, because an answer with a gap is no answer.
 */
import { fdatasyncSync, fstatSync, writeSync } from "node:fs";
import { isatty } from "node:tty";

export class TerminalOutput {
  readonly #stream: NodeJS.WritableStream;
  /** Set for a file or device, which is written directly: there a stream takes a partial write for a complete one. */
  readonly #file: number | undefined;
  #pending = 0;
  #failure: NodeJS.ErrnoException | undefined;
  #onFailure: ((failure: NodeJS.ErrnoException) => void) | undefined;
  #onSettled: (() => void) | undefined;

  constructor(stream: NodeJS.WritableStream) {
    this.#stream = stream;
    this.#file = fileBehind(stream);
    stream.on("error", (error) => this.#fail(error));
  }

  write(text: string): void {
    if (this.#failure !== undefined) return;
    if (this.#file !== undefined) {
      this.#try(() => writeWhole(this.#file ?? 0, text));
      return;
    }
    this.#pending += 1;
    this.#stream.write(text, (error) => {
      if (error) this.#fail(error);
      this.#pending -= 1;
      if (this.#pending === 0) this.#onSettled?.();
    });
  }

  /** Called once, at the first failure, for commands that keep running without output. */
  onFailure(tell: (failure: NodeJS.ErrnoException) => void): void {
    this.#onFailure = tell;
    if (this.#failure !== undefined) tell(this.#failure);
  }

  /** Resolves when the stream has passed everything on, or has failed. */
  async written(): Promise<void> {
    if (this.#pending === 0) return;
    await new Promise<void>((resolve) => {
      this.#onSettled = resolve;
    });
  }

  /** Resolves when everything is written, and durable if it is a file; resolves to the failure otherwise. */
  async settled(): Promise<NodeJS.ErrnoException | undefined> {
    await this.written();
    const file = this.#file;
    // Some file systems report a full disk only now.
    if (this.#failure === undefined && file !== undefined && fstatSync(file).isFile()) {
      this.#try(() => fdatasyncSync(file));
    }
    return this.#failure;
  }

  #try(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#fail(error as NodeJS.ErrnoException);
    }
  }

  #fail(error: NodeJS.ErrnoException): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    this.#onFailure?.(error);
  }
}

/** True if the reader has closed the pipe, as `head` does when it has enough. This is not an error. */
export function isReaderGone({ code }: NodeJS.ErrnoException): boolean {
  return code === "EPIPE" || code === "ERR_STREAM_DESTROYED";
}

function fileBehind(stream: NodeJS.WritableStream): number | undefined {
  if (!("fd" in stream) || typeof stream.fd !== "number") return undefined;
  const { fd } = stream;
  const kind = fstatSync(fd);
  return kind.isFile() || (kind.isCharacterDevice() && !isatty(fd)) ? fd : undefined;
}

/** The system may write only a part; the returned length says so. */
function writeWhole(file: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
}
