// Loaded into every process of the network before its program: on SIGUSR2 it collects garbage and writes the bytes
// still in use.
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { isMainThread } from "node:worker_threads";

if (isMainThread) {
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  const file = join(process.env["HEAP_PROBE_FOLDER"] ?? "", `${process.pid}.heap`);
  process.on("SIGUSR2", () => {
    collect();
    const { heapUsed, external } = process.memoryUsage();
    writeFileSync(`${file}.part`, `${heapUsed + external}`);
    renameSync(`${file}.part`, file);
  });
}
