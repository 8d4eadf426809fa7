/** Goes through the pages of a list, which are read one at a time, however long the list is. */
import { useState } from "preact/hooks";

export interface Pages {
  readonly cursor: string;
  readonly isFirst: boolean;
  /** Number of the page, from 1. */
  readonly number: number;
  readonly next: (cursor: string) => void;
  readonly back: () => void;
}

/** Begins anew with each `key`. */
export function usePages(key: string): Pages {
  const [state, setState] = useState({ key, cursors: [""] });
  const cursors = state.key === key ? state.cursors : [""];
  return {
    cursor: cursors.at(-1) ?? "",
    isFirst: cursors.length === 1,
    number: cursors.length,
    next: (cursor) => setState({ key, cursors: [...cursors, cursor] }),
    back: () => setState({ key, cursors: cursors.slice(0, -1) }),
  };
}

export function Pager({
  pages,
  nextCursor,
}: {
  readonly pages: Pages;
  readonly nextCursor: string;
}) {
  if (pages.isFirst && nextCursor === "") return null;
  return (
    <nav class="pager" aria-label="Pages">
      <button type="button" disabled={pages.isFirst} onClick={pages.back}>
        Newer
      </button>
      <span class="quiet">Page {pages.number}</span>
      <button type="button" disabled={nextCursor === ""} onClick={() => pages.next(nextCursor)}>
        Older
      </button>
    </nav>
  );
}
