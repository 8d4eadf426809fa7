/** Times in messages for people. */

/** Milliseconds since 1970 in ISO 8601, UTC; the protocol allows times beyond any calendar. */
export function formatTime(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? `${ms} ms after 1970` : date.toISOString();
}
