// Burns one core until its parent ends it: an attacker's use of the machine without the attack.
import { setImmediate } from "node:timers/promises";
import { sha256 } from "../../src/node/base/crypto.ts";

const SLICE_MS = 20;

process.on("disconnect", () => process.exit(0));
for (let bytes = new Uint8Array(1024); ; ) {
  const end = performance.now() + SLICE_MS;
  while (performance.now() < end)
    bytes = new Uint8Array(Buffer.concat([sha256(bytes), bytes], 1024));
  // The parent may be gone.
  await setImmediate();
}
