/** Asks one peer after another, and does not wait long for a slow one. */
import type { ValidatorIndex } from "../../primitives/numbers.ts";
import type { System } from "./system.ts";

export interface HedgedAsk {
  /** Asks one peer. True if no other peer need be asked. */
  readonly ask: (peer: ValidatorIndex) => Promise<boolean>;
  readonly after: System["after"];
  /** The longest wait for one peer before the next is asked. */
  readonly patienceMs: number;
}

/**
 * True as soon as one answer was enough, even one that came after other peers were asked. False once all peers have
 * answered without success, or the wait for the last of them is over.
 */
export function hedgedAsk(peers: readonly ValidatorIndex[], how: HedgedAsk): Promise<boolean> {
  const { ask, after, patienceMs } = how;
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  let cancel = (): void => undefined;
  let [index, open] = [-1, 0];
  const end = (isEnough: boolean) => {
    cancel();
    index = peers.length;
    resolve(isEnough);
  };
  const askNext = () => {
    cancel();
    const own = ++index;
    const peer = peers[own];
    if (peer === undefined) return end(false);
    cancel = after(patienceMs, askNext);
    open += 1;
    ask(peer)
      .then((isEnough) => {
        open -= 1;
        if (isEnough) end(true);
        else if (own === index && own + 1 < peers.length) askNext();
        else if (open === 0 && index + 1 === peers.length) end(false);
      })
      .catch((error: unknown) => {
        cancel();
        reject(error);
      });
  };
  askNext();
  return promise;
}
