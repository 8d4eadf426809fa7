// The times of answered orders: the newest thousand of the last minute, and nothing of orders that were refused.
import { expect, it } from "vitest";
import { AnswerTimes } from "../../../src/node/clients/answer-times.ts";

/** Orders that take so many milliseconds each, one after the other. */
async function answered(times: AnswerTimes, clock: { now: number }, took: readonly number[]) {
  for (const ms of took) {
    await times.measure(
      async () => {
        clock.now += ms;
        return ms;
      },
      (answer) => answer >= 0,
    );
  }
}

function timesAt(clock: { now: number }): AnswerTimes {
  return new AnswerTimes({ monotonic: () => clock.now });
}

it("are the median, and the time that 95 of 100 take at most", async () => {
  const clock = { now: 0 };
  const times = timesAt(clock);
  expect(times.figures).toBeUndefined();
  await answered(times, clock, [7]);
  expect(times.figures).toEqual({ medianMs: 7, p95Ms: 7 });
  await answered(timesAt(clock), clock, []);
  const all = timesAt(clock);
  await answered(
    all,
    clock,
    Array.from({ length: 100 }, (_, i) => 100 - i),
  );
  expect(all.figures).toEqual({ medianMs: 50, p95Ms: 95 });
});

it("forget what is older than a minute, and of more than 1,024 the oldest", async () => {
  const clock = { now: 0 };
  const times = timesAt(clock);
  await answered(times, clock, [500]);
  clock.now += 59_999;
  expect(times.figures?.medianMs).toBe(500);
  clock.now += 2;
  expect(times.figures).toBeUndefined();
  await answered(times, clock, [900, ...Array.from({ length: 1_024 }, () => 1)]);
  expect(times.figures).toEqual({ medianMs: 1, p95Ms: 1 });
});

it("count no order that was refused, and none that failed", async () => {
  const clock = { now: 0 };
  const times = timesAt(clock);
  await times.measure(
    async () => "refused",
    () => false,
  );
  const failed = times.measure(
    () => Promise.reject(new Error("failed")),
    () => true,
  );
  await expect(failed).rejects.toThrow("failed");
  expect(times.figures).toBeUndefined();
});
