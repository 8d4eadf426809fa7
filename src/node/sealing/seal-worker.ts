/** The program of the seal engine's thread: it passes messages in and out. */
import { parentPort, workerData } from "node:worker_threads";
import { assert } from "../../primitives/assert.ts";
import { realSystem } from "../base/system.ts";
import { type EngineSetup, SealEngine, type ToEngine } from "./seal-engine.ts";

const port = parentPort;
assert(port !== null, "this file is the start of a worker thread");

const engine = new SealEngine(workerData as EngineSetup, realSystem, (message) =>
  port.postMessage(message),
);
port.on("message", (message: ToEngine) => engine.handle(message));
