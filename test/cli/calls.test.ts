// The root cause of a call without an answer.
import { connect } from "node:net";
import { Code, ConnectError } from "@connectrpc/connect";
import { expect, it } from "vitest";
import { rootOf } from "../../src/cli/calls.ts";
import { describeError } from "../../src/transport/errors.ts";

it("is the failure of each address of a name, though Node's error for all of them is empty", async () => {
  // No program listens on port 1.
  const all = await new Promise<Error>((resolve) => {
    const socket = connect({
      host: "node.example",
      port: 1,
      lookup: (_name, _options, callback) => {
        callback(null, [
          { address: "127.0.0.1", family: 4 },
          { address: "127.0.0.2", family: 4 },
        ]);
      },
    });
    socket.once("error", resolve);
  });
  expect(all.message).toBe("");
  const canceled = new Error("The pending stream has been canceled (caused by: )", { cause: all });
  const failed = new ConnectError("canceled", Code.Unavailable, undefined, undefined, canceled);
  const reasons = "connect ECONNREFUSED 127.0.0.1:1; connect ECONNREFUSED 127.0.0.2:1";
  expect(rootOf(failed)).toBe(reasons);
  const direct = new ConnectError("no link", Code.Unavailable, undefined, undefined, all);
  expect(describeError(direct)).toBe(`[unavailable] no link (${reasons})`);
});
