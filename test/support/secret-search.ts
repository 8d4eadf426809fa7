/**
 * Looks for secrets in what a program emits: every part of 12 bytes of a secret, as it is, in hexadecimal, in base64 and
 * base64url, in percent-encoding and as a list of numbers, with any spaces, colons and line ends in between.
 */

export interface Secret {
  readonly name: string;
  readonly bytes: Uint8Array;
}

const PART_BYTES = 12;
/** The shortest needle; all needles are found by their first bytes. */
const HEAD = 4;

interface Needle {
  readonly text: string;
  readonly name: string;
}

/** Needles of one form, and the text in which that form is looked for. */
class Form {
  readonly #normal: (text: string) => string;
  readonly #heads = new Map<number, Needle[]>();
  /** True for hashes of two bytes with which a needle begins. */
  readonly #begins = new Uint8Array(0x1_0000);

  constructor(
    secrets: readonly Secret[],
    write: (part: Buffer) => string,
    normal: (text: string) => string,
  ) {
    this.#normal = normal;
    for (const { name, bytes } of secrets) {
      if (bytes.length < PART_BYTES) throw new Error(`the secret ${name} is too short to find`);
      for (let at = 0; at + PART_BYTES <= bytes.length; at++) {
        const text = write(Buffer.from(bytes.subarray(at, at + PART_BYTES)));
        const head = headAt(text, 0);
        this.#begins[head & 0xffff] = 1;
        this.#heads.set(head, [...(this.#heads.get(head) ?? []), { text, name }]);
      }
    }
  }

  namesIn(given: string, found: Set<string>): void {
    const text = this.#normal(given);
    for (let at = 0; at + HEAD <= text.length; at++) {
      const low = text.charCodeAt(at) | (text.charCodeAt(at + 1) << 8);
      if (this.#begins[low & 0xffff] !== 1) continue;
      for (const needle of this.#heads.get(headAt(text, at)) ?? []) {
        if (text.startsWith(needle.text, at)) found.add(needle.name);
      }
    }
  }
}

function headAt(text: string, at: number): number {
  const low = text.charCodeAt(at) | (text.charCodeAt(at + 1) << 8);
  return (low | (text.charCodeAt(at + 2) << 16) | (text.charCodeAt(at + 3) << 24)) >>> 0;
}

export class SecretSearch {
  readonly #forms: readonly Form[];

  constructor(secrets: readonly Secret[]) {
    const separated = /[\s:\0]+/g;
    this.#forms = [
      new Form(
        secrets,
        (part) => part.toString("latin1"),
        (text) => text,
      ),
      new Form(
        secrets,
        (part) => part.toString("latin1"),
        (text) => (text.includes("%") ? fromPercent(text) : ""),
      ),
      new Form(
        secrets,
        (part) => part.toString("hex"),
        (text) => text.toLowerCase().replace(separated, ""),
      ),
      new Form(
        secrets,
        (part) => part.toString("base64"),
        (text) => text.replaceAll("-", "+").replaceAll("_", "/").replace(separated, ""),
      ),
      new Form(
        secrets,
        (part) => part.join(","),
        (text) => text.replace(separated, ""),
      ),
    ];
  }

  /** Names of the secrets of which a part stands in `emitted`. */
  namesIn(emitted: Uint8Array | string): string[] {
    const text = typeof emitted === "string" ? latin1(Buffer.from(emitted)) : latin1(emitted);
    const found = new Set<string>();
    for (const form of this.#forms) form.namesIn(text, found);
    return [...found].sort();
  }
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}

function fromPercent(text: string): string {
  return text.replace(/%([0-9a-f]{2})/gi, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
}
