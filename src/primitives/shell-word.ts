/** Text as one word of a shell: for commands that a message prints and somebody pastes. */

/** Quoted where a shell would see more than letters in it. */
export function shellWord(text: string): string {
  if (/^[\w./:@%+=,][\w./:@%+=,-]*$/.test(text)) return text;
  return `'${text.replaceAll("'", "'\\''")}'`;
}
