/** Clears away what a run has made, however it ends: also by an error, by Ctrl-C, or told to end. */

const clearings = new Set<() => void>();
let isWatching = false;

/** `clear` is called at the end of this process unless the returned function was called before. It must not wait. */
export function clearAtEnd(clear: () => void): () => void {
  watch();
  clearings.add(clear);
  return () => clearings.delete(clear);
}

function watch(): void {
  if (isWatching) return;
  isWatching = true;
  process.once("exit", () => {
    for (const clear of clearings) clear();
  });
  // The exit codes of a shell for a program that a signal ended.
  process.once("SIGINT", () => process.exit(130));
  process.once("SIGTERM", () => process.exit(143));
}
