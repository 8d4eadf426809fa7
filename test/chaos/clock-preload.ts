// Loaded into a node before anything else (NODE_OPTIONS): its wall clock is off by what a file says, and jumps while
// the node runs when the file changes. Timers keep their pace, as they do when a real clock is set.
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
    // Being written just now; the next look sees it.
  }
}

look();
setInterval(look, POLL_MS).unref();
Date.now = () => wallClock() + offsetMs;
