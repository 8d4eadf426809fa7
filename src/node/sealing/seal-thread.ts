/** The node's port to its seal engine, which runs in a thread of its own. */
import { Worker } from "node:worker_threads";
import { EngineMail } from "./engine-mail.ts";
import type { EngineSetup, FromEngine, ToEngine } from "./seal-engine.ts";

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
  worker.on("message", (messages: readonly FromEngine[]) => {
    for (const message of messages) receive(message);
  });
  worker.on("error", fail);
  const mail = new EngineMail((messages) => worker.postMessage(messages));
  return {
    post: (message) => mail.post(message),
    close: async () => {
      await worker.terminate();
    },
  };
};
