/** Shared by the views: the calls, the watched node, and values that come later. */
import { createContext } from "preact";
import { useContext, useEffect, useReducer, useRef, useState } from "preact/hooks";
import type { NodeWatch, Snapshot } from "./node-watch.ts";
import { type Problem, problemOf } from "./problem.ts";
import type { Calls } from "./session.ts";

export interface Connection {
  readonly calls: Calls;
  readonly watch: NodeWatch;
  readonly hasToken: boolean;
  /** Shows the form for a token. */
  readonly askForToken: () => void;
}

export const ConnectionContext = createContext<Connection | undefined>(undefined);

export function useConnection(): Connection {
  const connection = useContext(ConnectionContext);
  if (connection === undefined) throw new Error("a view is outside the page");
  return connection;
}

/** The newest look at the node; the view is drawn again after each. */
export function useSnapshot(): Snapshot {
  const { watch } = useConnection();
  const [, draw] = useReducer((count: number, _: undefined) => count + 1, 0);
  useEffect(() => watch.follow(() => draw(undefined)), [watch]);
  return watch.snapshot;
}

export interface Loaded<T> {
  /** Of the last call that had an answer; undefined before the first. */
  readonly value: T | undefined;
  readonly problem: Problem | undefined;
  readonly isLoading: boolean;
}

/** Calls `load` for each new `key` and each new connection; an answer that comes after the next one is dropped. */
export function useLoaded<T>(
  key: string,
  load: (signal: AbortSignal) => Promise<T>,
): Loaded<T> & { readonly again: () => void } {
  const { calls } = useConnection();
  const [turn, again] = useReducer((count: number, _: undefined) => count + 1, 0);
  const [state, setState] = useState<Loaded<T> & { readonly key: string }>({
    ...{ key, value: undefined, problem: undefined, isLoading: true },
  });
  const latest = useRef(load);
  latest.current = load;
  useEffect(() => {
    const end = new AbortController();
    setState((before) => ({
      ...{ key, problem: undefined, isLoading: true },
      value: before.key === key ? before.value : undefined,
    }));
    latest.current(end.signal).then(
      (value) => {
        if (!end.signal.aborted) setState({ key, value, problem: undefined, isLoading: false });
      },
      (error: unknown) => {
        if (end.signal.aborted) return;
        setState((before) => ({ ...before, problem: problemOf(error), isLoading: false }));
      },
    );
    return () => end.abort();
  }, [key, turn, calls]);
  const isOld = state.key !== key;
  return {
    value: isOld ? undefined : state.value,
    problem: isOld ? undefined : state.problem,
    isLoading: isOld || state.isLoading,
    again: () => again(undefined),
  };
}
