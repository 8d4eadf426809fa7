/** Comments begin with what they are about (docs/writing.md, rules 2 and 4). */
import { type Finding, finding, type SourceFile } from "./source.ts";

/** Folders of src/ whose comments hold to it. The list only grows; it is done when it reads `["src/"]`. */
const HELD: readonly string[] = ["src/consensus/"];

const INVERTED = /^(What|Who|Whom|Whose|How|Whether|Which)\b/;
const NAMELESS = /\b(whoever|whomever|whatever|nobody|everybody|somebody)\b/i;

export function checkProse(files: readonly SourceFile[], held = HELD): Finding[] {
  return files
    .filter(({ path }) => held.some((folder) => path.startsWith(folder)))
    .flatMap((file) =>
      file.comments.flatMap((comment) => {
        const text = comment.value.replace(/^[\s*]+/, "");
        const word = INVERTED.exec(text)?.[0] ?? NAMELESS.exec(text)?.[0];
        return word === undefined ? [] : [finding(file, comment, `"${word}" (docs/writing.md)`)];
      }),
    );
}
