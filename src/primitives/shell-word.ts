/** Text as one word of a command line that a person will paste into a shell. */
import { utf8 } from "./bytes.ts";

const PLAIN = /^[\w./:@%+,-][\w./:@%+=,-]*$/;
/** As in printable.ts. */
const UNPRINTABLE = /[^\x20-\x7e\p{L}\p{M}\p{N}\p{P}\p{S}]/u;

/** Quoted if need be; with a control or format character as bash, zsh and POSIX 2024 read it: $'\033'. */
export function shellWord(text: string): string {
  if (PLAIN.test(text)) return text;
  if (!UNPRINTABLE.test(text)) return `'${text.replaceAll("'", "'\\''")}'`;
  const inner = Array.from(text, (character) => {
    if (UNPRINTABLE.test(character)) return Array.from(utf8(character), escaped).join("");
    return character === "'" || character === "\\" ? `\\${character}` : character;
  });
  return `$'${inner.join("")}'`;
}

/** In octal, whose length is fixed: a digit that follows is never taken for part of it. */
function escaped(byte: number): string {
  return `\\${byte.toString(8).padStart(3, "0")}`;
}
