/** Counts and durations of the calls of one node's listeners, by listener, call and outcome. */
import { Distribution } from "../../primitives/distribution.ts";
import { KeyCounts } from "../../primitives/key-counts.ts";
import type { CallObserver, CallOutcome, EndedCall } from "../../transport/call-observer.ts";
import type { System } from "../base/system.ts";

/** Seconds. */
const DURATION_BOUNDS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export const LISTENERS = ["client", "peer", "operator"] as const;
export type ListenerName = (typeof LISTENERS)[number];

export interface FiguresOfCall {
  readonly outcomes: KeyCounts<CallOutcome>;
  /** Durations of calls other than streams, seconds. */
  readonly durations: Distribution;
}

/** The calls of one listener. */
export class ListenerFigures {
  readonly byCall = new Map<string, FiguresOfCall>();
  underWay = 0;
  /** Calls that ended with INTERNAL. */
  failures = 0;

  ended({ call, outcome, durationMs, isStream }: EndedCall): void {
    this.underWay -= 1;
    const { outcomes, durations } = this.#of(call);
    outcomes.add(outcome);
    if (outcome === "INTERNAL") this.failures += 1;
    if (!isStream) durations.observe(durationMs / 1000);
  }

  /** The names come from the contract, so there are few. */
  #of(call: string): FiguresOfCall {
    const held = this.byCall.get(call);
    if (held !== undefined) return held;
    const fresh = {
      outcomes: new KeyCounts<CallOutcome>(),
      durations: new Distribution(DURATION_BOUNDS),
    };
    this.byCall.set(call, fresh);
    return fresh;
  }
}

export class CallFigures {
  readonly #system: Pick<System, "monotonic">;
  readonly byListener: ReadonlyMap<ListenerName, ListenerFigures>;

  constructor(system: Pick<System, "monotonic">) {
    this.#system = system;
    this.byListener = new Map(LISTENERS.map((name) => [name, new ListenerFigures()]));
  }

  /** Counts the calls of this listener, and passes each finished call to `tell`, if given. */
  observer(listener: ListenerName, tell?: (call: EndedCall) => void): CallObserver {
    const figures = this.byListener.get(listener) ?? new ListenerFigures();
    return {
      now: () => this.#system.monotonic(),
      began: () => {
        figures.underWay += 1;
      },
      ended: (call) => {
        figures.ended(call);
        tell?.(call);
      },
    };
  }
}
