// Loaded into a node before its program (NODE_OPTIONS). A file sets the error of its wall clock; when the file
// changes, the clock jumps while the node runs. Timers keep their pace, as they do when a real clock is set.
import { readFileSync } from "node:fs";

const POLL_MS = 50;

const file = process.env["CHAOS_CLOCK_FILE"] ?? "";
const wallClock = Date.now;
let offsetMs = 0;

function look(): void {
  try {
    const read = Number(readFileSync(file, "utf8"));
    if (Number.isFinite(read)) offsetMs = read;
  } catch {
    // The file is just being written; the next look reads it.
  }
}

look();
setInterval(look, POLL_MS).unref();
Date.now = () => wallClock() + offsetMs;
