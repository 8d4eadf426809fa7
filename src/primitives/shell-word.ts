/** Quotes text as one word of a command line that a user will paste into a shell. */
import { utf8 } from "./bytes.ts";

const PLAIN = /^[\w./:@%+,-][\w./:@%+=,-]*$/;
/** The same characters as in printable.ts. */
const UNPRINTABLE = /[^\x20-\x7e\p{L}\p{M}\p{N}\p{P}\p{S}]/u;

/** Quoted if necessary; control and format characters in the form of bash, zsh and POSIX 2024: $'\033'. */
export function shellWord(text: string): string {
  if (PLAIN.test(text)) return text;
  if (!UNPRINTABLE.test(text)) return `'${text.replaceAll("'", "'\\''")}'`;
  const inner = Array.from(text, (character) => {
    if (UNPRINTABLE.test(character)) return Array.from(utf8(character), escaped).join("");
    return character === "'" || character === "\\" ? `\\${character}` : character;
  });
  return `$'${inner.join("")}'`;
}

/** In octal, which has a fixed length, so that a digit behind it is never part of it. */
function escaped(byte: number): string {
  return `\\${byte.toString(8).padStart(3, "0")}`;
}
