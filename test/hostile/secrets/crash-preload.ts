// Loaded into a node before its program: on SIGVTALRM it throws an error that is not caught, as a mistake of the program would.
import { isMainThread } from "node:worker_threads";

if (isMainThread) {
  process.on("SIGVTALRM", () => {
    throw new Error("a planted mistake", { cause: { node: process.title } });
  });
}
