import { expect, it } from "vitest";
import { FIRST_EPOCH } from "../../../src/ledger/epochs.ts";
import { EngineMail } from "../../../src/node/sealing/engine-mail.ts";
import type { ToEngine } from "../../../src/node/sealing/seal-engine.ts";
import { height, validatorIndex } from "../../../src/primitives/numbers.ts";

const header = (at: number): ToEngine => ({
  kind: "header",
  height: height(at),
  bytes: new Uint8Array(1),
});
const seal = (at: number): ToEngine => ({
  kind: "seal",
  target: { kind: "header", epoch: FIRST_EPOCH, height: height(at) },
  seal: new Uint8Array(64),
  from: validatorIndex(1),
});
const tick: ToEngine = { kind: "tick" };

function setUp() {
  const sent: (readonly ToEngine[])[] = [];
  const mail = new EngineMail((messages) => sent.push(messages));
  return { mail, sent };
}

it("sends what is posted in one turn at once, in its order", async () => {
  const { mail, sent } = setUp();
  for (const message of [header(1), tick, header(2), tick]) mail.post(message);
  expect(sent).toEqual([]);
  await Promise.resolve();
  expect(sent).toEqual([[header(1), tick, header(2), tick]]);
  mail.post(tick);
  await Promise.resolve();
  expect(sent).toHaveLength(2);
});

it("lets a header wait for the next message, before which it comes", async () => {
  const { mail, sent } = setUp();
  mail.post(header(7));
  await new Promise(setImmediate);
  expect(sent).toEqual([]);
  mail.post(tick);
  await Promise.resolve();
  expect(sent).toEqual([[header(7), tick]]);
});

it("lets no header wait for which a seal waits in the engine", async () => {
  const { mail, sent } = setUp();
  mail.post(seal(8));
  await Promise.resolve();
  mail.post(header(8));
  await Promise.resolve();
  expect(sent).toEqual([[seal(8)], [header(8)]]);
  mail.post(header(9));
  await new Promise(setImmediate);
  expect(sent).toHaveLength(2);
});

it("bounds the headers that wait", async () => {
  const { mail, sent } = setUp();
  for (let at = 1; at <= 63; at++) mail.post(header(at));
  await Promise.resolve();
  expect(sent).toEqual([]);
  mail.post(header(64));
  await Promise.resolve();
  expect(sent[0]).toHaveLength(64);
});
