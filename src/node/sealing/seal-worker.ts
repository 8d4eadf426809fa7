/** The program of the seal engine's thread: it passes messages in and out. */
import { parentPort, workerData } from "node:worker_threads";
import { assert } from "../../primitives/assert.ts";
import { realSystem } from "../base/system.ts";
import { type EngineSetup, type FromEngine, SealEngine, type ToEngine } from "./seal-engine.ts";

const port = parentPort;
assert(port !== null, "this file is the start of a worker thread");

let outputs: FromEngine[] = [];

/** Sends all that the engine has put out in one message. */
function flush(): void {
  if (outputs.length === 0) return;
  port?.postMessage(outputs);
  outputs = [];
}

const engine = new SealEngine(workerData as EngineSetup, realSystem, (message) => {
  if (outputs.length === 0) queueMicrotask(flush);
  outputs.push(message);
});
port.on("message", (messages: readonly ToEngine[]) => {
  for (const message of messages) engine.handle(message);
  // Before the node's own share is made: peers make theirs meanwhile.
  flush();
});
