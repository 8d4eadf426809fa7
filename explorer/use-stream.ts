/** Follows the ledger or one wallet while the reader can see the page: the stream of Subscribe, taken up again where it ended. */
import { useEffect, useRef } from "preact/hooks";
import type { Event } from "../gen/countersign/v1/ledger_service_pb.ts";
import { useConnection } from "./hooks.ts";
import { pause, untilVisible } from "./node-watch.ts";

/** Between the end of a stream and the next one. */
const AGAIN_MS = 2_000;
/** Events that come together are shown together: a busy ledger has a thousand a second. */
const SHOW_MS = 500;
/** No list shows more of what came at once. */
const WAITING_MAX = 200;
/** Longer than a reader looks. */
const STREAM_MS = 12 * 60 * 60 * 1_000;

/** Calls `told` with the newest events, twice a second at most. `walletId`: empty for the whole ledger. Nothing is followed while `isOn` is false. */
export function useStream(
  walletId: string,
  isOn: boolean,
  told: (events: readonly Event[]) => void,
): void {
  const { calls } = useConnection();
  const latest = useRef(told);
  latest.current = told;
  useEffect(() => {
    if (!isOn) return;
    const end = new AbortController();
    let waiting: Event[] = [];
    const show = () => {
      if (waiting.length > 0) latest.current(waiting);
      waiting = [];
    };
    const shows = setInterval(show, SHOW_MS);
    const follow = async () => {
      let cursor = "";
      while (!end.signal.aborted) {
        await untilVisible(end.signal);
        const round = new AbortController();
        const stop = () => round.abort();
        const leaveHidden = () => document.hidden && stop();
        end.signal.addEventListener("abort", stop);
        document.addEventListener("visibilitychange", leaveHidden);
        try {
          const options = { signal: round.signal, timeoutMs: STREAM_MS };
          for await (const message of calls.subscribe({ walletId, cursor }, options)) {
            ({ cursor } = message);
            waiting = [...waiting, ...message.events].slice(-WAITING_MAX);
          }
        } catch {
          // The list beside it tells of a node that does not answer.
        }
        end.signal.removeEventListener("abort", stop);
        document.removeEventListener("visibilitychange", leaveHidden);
        await pause(AGAIN_MS, end.signal);
      }
    };
    void follow();
    return () => {
      clearInterval(shows);
      end.abort();
    };
  }, [calls, walletId, isOn]);
}
