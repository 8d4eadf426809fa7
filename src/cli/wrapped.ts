/** Breaks text at spaces into lines of at most 100 columns, so that it reads well on a terminal of that width. */

export const COLUMNS = 100;
/** A word with its quoted parts, as shell-word.ts writes them: a line must not end inside of one. */
const SHELL_WORD = /(?:\$'(?:[^'\\]|\\.)*'|\\.|'[^']*'|[^\s'])+/g;

/** `indent` stands before every line but the first, before which `first` stands. A word that does not fit has its own line. */
export function wrapped(text: string, indent = "", first = indent): string {
  return linesOf(text.split(" "), { indent, first, columns: COLUMNS }).join("\n");
}

/** A line of a list, whose further lines stand under its text. */
export function wrappedLine(line: string): string {
  return wrapped(line, "  ", "");
}

/** A command that a shell still takes as one after it was pasted: a backslash ends each line but the last. */
export function wrappedCommand(command: string, indent: string): string {
  const further = `${indent}  `;
  // The backslash and the space before it.
  const columns = COLUMNS - 2;
  const words = command.match(SHELL_WORD) ?? [];
  return linesOf(words, { indent: further, first: indent, columns }).join(" \\\n");
}

function linesOf(
  words: readonly string[],
  form: { readonly indent: string; readonly first: string; readonly columns: number },
): string[] {
  const lines: string[] = [];
  let line = form.first;
  let isEmpty = true;
  for (const word of words) {
    if (!isEmpty && line.length + 1 + word.length > form.columns) {
      lines.push(line);
      line = form.indent;
      isEmpty = true;
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line];
}
