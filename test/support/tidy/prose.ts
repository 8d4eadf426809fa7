/** Prose in source, contracts and pages: no comment starts with a question word, and docs/writing.md bans some words. */
import { type Finding, finding, lineAt, type SourceFile } from "./source.ts";
import type { TextFile } from "./tracked.ts";

const QUESTION = /^\*?[\s*]*(What|Who|Whom|How|Whether|Which)\b/;

/** The heads and doc comments that start with a question word; other comments may. */
export function checkDocComments(files: readonly SourceFile[]): Finding[] {
  return files.flatMap((file) =>
    file.comments.flatMap((comment) => {
      const isHeld = comment.start === 0 || comment.value.startsWith("*");
      const word = isHeld ? QUESTION.exec(comment.value)?.[1] : undefined;
      return word === undefined ? [] : [finding(file, comment, `a comment starts with ${word}`)];
    }),
  );
}

/** The words between backticks in the line "These words do not occur" of docs/writing.md. */
export function bannedWords(page: string): string[] {
  const line = page.split("\n").find((text) => text.includes("These words do not occur")) ?? "";
  return [...line.matchAll(/`([^`]+)`/g)].map(([, word]) => word ?? "");
}

export function checkWords(files: readonly TextFile[], banned: readonly string[]): Finding[] {
  const pattern = new RegExp(`\\b(?:${banned.join("|").replaceAll(" ", "\\s+")})\\b`, "gi");
  return files.flatMap(({ path, text }) =>
    [...text.matchAll(pattern)].map((match) => ({
      path,
      line: lineAt(text, match.index),
      message: `"${match[0]}" is a word that docs/writing.md bans`,
    })),
  );
}
