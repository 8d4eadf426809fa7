/** The node's port to its seal engine, which runs in a thread of its own or, for tests, in this one. */
import { Worker } from "node:worker_threads";
import { realSystem } from "../base/system.ts";
import {
  type EngineSetup,
  type EngineSystem,
  type FromEngine,
  SealEngine,
  type ToEngine,
} from "./seal-engine.ts";

export interface EnginePort {
  post(message: ToEngine): void;
  close(): Promise<void>;
}

export interface EngineEvents {
  readonly receive: (message: FromEngine) => void;
  /** The engine broke an invariant, and its node has to stop. */
  readonly fail: (error: unknown) => void;
}

export type OpenEngine = (setup: EngineSetup, events: EngineEvents) => EnginePort;

/** TypeScript in a clone, JavaScript in the package. */
const WORKER = import.meta.filename.endsWith(".ts")
  ? new URL("./seal-worker.ts", import.meta.url)
  : new URL("./seal-worker.js", import.meta.url);

export const engineInThread: OpenEngine = (setup, { receive, fail }) => {
  const worker = new Worker(WORKER, { workerData: setup });
  worker.on("message", receive);
  worker.on("error", fail);
  return {
    post: (message) => worker.postMessage(message),
    close: async () => {
      await worker.terminate();
    },
  };
};

/**
 * An engine in the calling thread that never runs within the caller's own turn; for tests, with their clock and
 * randomness.
 */
export function engineInlineOn(system: EngineSystem): OpenEngine {
  return (setup, { receive, fail }) => {
    let closed = false;
    const engine = new SealEngine(setup, system, (message) => {
      if (!closed) receive(message);
    });
    return {
      post: (message) => {
        setImmediate(() => {
          if (closed) return;
          try {
            engine.handle(message);
          } catch (error) {
            fail(error);
          }
        });
      },
      close: () => {
        closed = true;
        return Promise.resolve();
      },
    };
  };
}

export const engineInline: OpenEngine = engineInlineOn(realSystem);
