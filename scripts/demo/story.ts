/** Prints the demo's story: chapters, commands and their answers. Colours only on a terminal that supports them. */
import type { WriteStream } from "node:tty";

export class Story {
  readonly #out: WriteStream | NodeJS.WritableStream;
  readonly #hasColours: boolean;

  constructor(out: WriteStream | NodeJS.WritableStream) {
    this.#out = out;
    const isTerminal = "isTTY" in out && out.isTTY === true;
    this.#hasColours = isTerminal && (process.env["NO_COLOR"] ?? "") === "";
  }

  chapter(text: string): void {
    this.#line(`\n${this.#paint("1", text)}`);
  }

  command(text: string): void {
    this.#line(this.#paint("36", `  $ ${text}`));
  }

  answer(text: string): void {
    for (const line of text.trimEnd().split("\n")) this.#line(`    ${line}`);
  }

  held(what: string): void {
    this.#line(this.#paint("32", `    ✓ ${what}`));
  }

  failed(why: string): void {
    this.#line(this.#paint("31", `\ndemo: it did not hold: ${why}`));
  }

  #paint(code: string, text: string): string {
    return this.#hasColours ? `\x1b[${code}m${text}\x1b[0m` : text;
  }

  #line(text: string): void {
    this.#out.write(`${text}\n`);
  }
}
