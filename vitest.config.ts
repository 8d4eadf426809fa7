// How the tests run: each file in its own process; tests that start real nodes one file after another,
// after all others, because they need the machine's cores and ports for themselves.
import { defineConfig } from "vitest/config";

const SYSTEM = ["test/e2e/**/*.test.ts", "test/readme/**/*.test.ts"];

export default defineConfig({
  test: {
    pool: "forks",
    passWithNoTests: false,
    // How long a poll looks again; Vitest's own second is less than a few TLS handshakes take on a busy machine.
    expect: { poll: { timeout: 10_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: SYSTEM,
          testTimeout: 20_000,
          // A network with its key (SETUP_MS of test/node/network.ts), and what a test needs in it.
          hookTimeout: 90_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: "system",
          include: SYSTEM,
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
