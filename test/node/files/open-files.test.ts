import { describe, expect, it } from "vitest";
import { ConfigError } from "../../../src/node/files/config.ts";
import { openFilesLimit, shareOpenFiles } from "../../../src/node/files/open-files.ts";
import { LIMITS } from "../../../src/primitives/limits.ts";
import { peerSockets } from "../../../src/transport/peer-sockets.ts";

describe("the limit of open files", () => {
  it("of this process is known", () => {
    expect(openFilesLimit()).toBeGreaterThan(100);
  });

  it("leaves everything as it is where it is high, or not known", () => {
    for (const limit of [1_048_576, undefined]) {
      const { clientConnectionsMax, warning } = shareOpenFiles(limit, 4);
      expect(clientConnectionsMax).toBe(LIMITS.clientConnectionsMax);
      expect(warning).toBeUndefined();
    }
  });

  it("is shared out so that clients can never take a file that the store or a peer needs", () => {
    for (const validators of [2, 4, 31, 100]) {
      for (let limit = 300; limit <= 8192; limit += 7) {
        const shares = attempt(limit, validators);
        if (shares === undefined) continue;
        const ofPeers = validators + peerSockets(validators).all;
        const used = ofPeers + shares.clientConnectionsMax + shares.storeFilesMax;
        expect(used, `limit ${limit}, ${validators} members`).toBeLessThan(limit);
        expect(shares.warning === undefined).toBe(
          shares.clientConnectionsMax === LIMITS.clientConnectionsMax && limit >= used + 64,
        );
      }
    }
  });

  it("that is too low refuses the start, and says which limit would do", () => {
    expect(() => shareOpenFiles(256, 4)).toThrow(ConfigError);
    expect(() => shareOpenFiles(256, 4)).toThrow(
      /only 256 files open.* needs 484 at least; raise the limit to 3292 \(ulimit -n;/,
    );
  });
});

function attempt(limit: number, validators: number) {
  try {
    return shareOpenFiles(limit, validators);
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}
