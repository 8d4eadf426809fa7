/** Everything that processes have let out, piece by piece, to be searched for secrets at the end. */
import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { SecretSearch } from "../../support/secret-search.ts";

interface Piece {
  /** Where it came from. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

export class Emitted {
  readonly #pieces: Piece[] = [];

  add(name: string, content: string | Uint8Array): void {
    this.#pieces.push({ name, bytes: Buffer.from(content) });
  }

  /** Every file below the folder, but those that `isHome` names: the homes of secrets. */
  addFiles(folder: string, isHome: (path: string) => boolean): void {
    for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
      const path = join(folder, name);
      if (lstatSync(path).isFile() && !isHome(path)) this.add(path, readFileSync(path));
    }
  }

  /** The command line and the environment of a process, as others on the machine may read them. */
  addProcess(pid: number): void {
    for (const file of ["cmdline", "environ"]) {
      this.add(`${file} of ${pid}`, readFileSync(`/proc/${pid}/${file}`));
    }
  }

  get count(): number {
    return this.#pieces.length;
  }

  /** "SECRET in PLACE" for each that was found. */
  leaks(search: SecretSearch): string[] {
    return this.#pieces.flatMap(({ name, bytes }) =>
      search.namesIn(bytes).map((secret) => `${secret} in ${name}: ${excerpt(bytes)}`),
    );
  }

  /** True if some piece holds the text: the failure that was meant did happen. */
  has(text: string | RegExp): boolean {
    return this.#pieces.some(({ bytes }) => {
      const content = Buffer.from(bytes).toString("latin1");
      return typeof text === "string" ? content.includes(text) : text.test(content);
    });
  }
}

function excerpt(bytes: Uint8Array): string {
  return Buffer.from(bytes.subarray(0, 300)).toString("latin1");
}
