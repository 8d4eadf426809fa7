/** Asks a person for a passphrase at the terminal of this process, which shows none of its characters. */
import { openSync, writeSync } from "node:fs";
import { ReadStream } from "node:tty";
import { type Bytes, equalBytes } from "../primitives/bytes.ts";
import { LIMITS } from "../primitives/limits.ts";
import { StorageError } from "./storage-errors.ts";

const TERMINAL = "/dev/tty";
/** Keys as a terminal without line editing sends them. */
const KEY = {
  interrupt: 0x03,
  end: 0x04,
  backspace: 0x08,
  lineFeed: 0x0a,
  enter: 0x0d,
  delete: 0x7f,
};

/** `isNew`: asks twice, because a mistyped new passphrase would open nothing. */
export async function askAtTerminal(isNew: boolean): Promise<Bytes> {
  const first = await ask(isNew ? "New passphrase: " : "Passphrase: ");
  if (!isNew) return first;
  const second = await ask("Once more: ");
  if (equalBytes(first, second)) return first;
  throw new StorageError("malformed", "the two passphrases differ; begin again");
}

async function ask(question: string): Promise<Bytes> {
  const descriptor = openTerminal();
  const terminal = new ReadStream(descriptor);
  terminal.setRawMode(true);
  writeSync(descriptor, question);
  try {
    return await typed(terminal);
  } finally {
    terminal.setRawMode(false);
    writeSync(descriptor, "\n");
    terminal.destroy();
  }
}

function openTerminal(): number {
  try {
    return openSync(TERMINAL, "r+");
  } catch (error) {
    throw new StorageError(
      "missing",
      "there is no terminal to ask for the passphrase at; name a file, fd:N, env:NAME or credential:NAME",
      error,
    );
  }
}

/** The bytes up to the key Enter. */
function typed(terminal: ReadStream): Promise<Bytes> {
  const { promise, resolve, reject } = Promise.withResolvers<Bytes>();
  const bytes: number[] = [];
  terminal.on("data", (chunk: Buffer) => {
    for (const byte of chunk) {
      if (byte === KEY.interrupt) {
        reject(new StorageError("missing", "no passphrase was given; begin again"));
      } else if (byte === KEY.enter || byte === KEY.lineFeed || byte === KEY.end) {
        resolve(Uint8Array.from(bytes));
      } else if (byte === KEY.backspace || byte === KEY.delete) {
        removeCharacter(bytes);
      } else if (bytes.length <= LIMITS.passphraseBytesMax) {
        bytes.push(byte);
      }
    }
    chunk.fill(0);
  });
  terminal.once("error", reject);
  terminal.once("end", () => reject(new StorageError("missing", "the terminal was closed")));
  return promise;
}

/** One character of UTF-8, which may have several bytes. */
function removeCharacter(bytes: number[]): void {
  while (bytes.length > 0 && ((bytes.pop() ?? 0) & 0xc0) === 0x80);
}
