/** The places of the page, written behind the # of its address, so that each can be linked and the node serves one file. */
import { useEffect, useState } from "preact/hooks";

export interface Route {
  readonly view: string;
  readonly parts: readonly string[];
}

export function parseRoute(hash: string): Route {
  const [view = "", ...parts] = hash
    .replace(/^#?\/?/, "")
    .split("/")
    .map(decoded);
  return { view: view === "" ? "network" : view, parts };
}

export function linkTo(view: string, ...parts: readonly string[]): string {
  return `#/${[view, ...parts].map(encodeURIComponent).join("/")}`;
}

export function useRoute(): Route {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const changed = () => setHash(location.hash);
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);
  return parseRoute(hash);
}

/** A part may hold a % that begins no escape. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
