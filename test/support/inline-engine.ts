/** Seal engines in the thread of the test. */
import { type EngineSystem, SealEngine } from "../../src/node/sealing/seal-engine.ts";
import type { OpenEngine } from "../../src/node/sealing/seal-thread.ts";

/**
 * An engine in the calling thread that never runs within the caller's own turn; with the test's clock and
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
