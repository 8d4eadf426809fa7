/** The slot of the seal engine: each answer goes to the caller that asked, and no caller waits for an engine that is not there. */
import { expect, it } from "vitest";
import { EngineSlot } from "../../../src/node/sealing/engine-slot.ts";
import type { FromEngine, ToEngine } from "../../../src/node/sealing/seal-engine.ts";
import { validatorIndex } from "../../../src/primitives/numbers.ts";
import { sharesOf } from "../../seal/seal-world.ts";

const peer = validatorIndex(2);

function openSlot() {
  const [share = expect.fail("a share")] = sharesOf(4);
  const posted: ToEngine[] = [];
  const told: string[] = [];
  let say = (_: FromEngine): void => undefined;
  const slot = new EngineSlot((_, { receive }) => {
    say = receive;
    return { post: (message) => posted.push(message), close: () => Promise.resolve() };
  });
  const setup = {
    self: share.member,
    run: 1,
    key: share.key,
    share,
    patienceMs: 1,
    patienceMaxMs: 1,
  };
  const open = () => {
    slot.open(setup, {
      receive: ({ kind }) => told.push(kind),
      fail: () => expect.fail("no fault"),
    });
  };
  return {
    slot,
    open,
    posted,
    told,
    say: (message: FromEngine) => say(message),
    epoch: share.key.context.epoch,
  };
}

it("gives each answer to the caller that asked, in any order", async () => {
  const { slot, open, posted, told, say, epoch } = openSlot();
  open();
  const request = { kind: "commitment", epoch, spent: undefined } as const;
  const asked = [slot.answer(peer, request), slot.answer(peer, request)];
  const [first, second] = posted.flatMap((one) => (one.kind === "request" ? [one.id] : []));
  say({ kind: "answer", id: second ?? 0, answer: { kind: "refused", reason: "notFinal" } });
  say({ kind: "answer", id: first ?? 0, answer: { kind: "refused", reason: "wrongEpoch" } });
  say({ kind: "deadline", at: undefined });
  expect(await Promise.all(asked)).toMatchObject([
    { reason: "wrongEpoch" },
    { reason: "notFinal" },
  ]);
  expect(told).toEqual(["deadline"]);
});

it("has no answer before it is open or after it is closed, and drops what the engine says then", async () => {
  const { slot, open, posted, told, say, epoch } = openSlot();
  const request = { kind: "commitment", epoch, spent: undefined } as const;
  expect(await slot.answer(peer, request)).toBeUndefined();
  slot.post({ kind: "tick" });
  expect(posted).toEqual([]);
  open();
  const waiting = slot.answer(peer, request);
  await slot.close();
  expect(await waiting).toBeUndefined();
  expect(await slot.answer(peer, request)).toBeUndefined();
  say({ kind: "deadline", at: 1 });
  expect(told).toEqual([]);
});
