/** The days that a node's certificate has left: in the list, and in the log once a day from 30 days on. */
import { beforeEach, describe, expect, it } from "vitest";
import { createLog } from "../../../src/node/base/log.ts";
import { OwnCertificates } from "../../../src/node/operator/own-certificates.ts";
import {
  createDevelopmentAuthority,
  createListenerCertificate,
} from "../../../src/transport/development-certificates.ts";

const DAY_MS = 86_400_000;
const START = Date.parse("2026-01-01T00:00:00Z");

let pem: string;
let now: number;
let timers: { at: number; action: () => void }[];
let lines: { level: number; msg: string; daysLeft: number }[];
let certificates: OwnCertificates;

beforeEach(async () => {
  now = START;
  timers = [];
  lines = [];
  const authority = await createDevelopmentAuthority({ now, days: 400 });
  const hosts = ["localhost", "127.0.0.1", "::1"];
  pem = (await createListenerCertificate(authority, hosts, { now, days: 40 })).certificate;
  const log = createLog("node1", "info", (line) => lines.push(JSON.parse(line)));
  const system = {
    wall: () => now,
    after: (delayMs: number, action: () => void) => {
      const timer = { at: now + delayMs, action };
      timers.push(timer);
      return () => {
        timers = timers.filter((one) => one !== timer);
      };
    },
  };
  const files = [{ configKey: "clientCertificate", file: "certificate.pem", pem }];
  certificates = new OwnCertificates(files, { system, log });
});

/** Lets days pass; timers act at their time. */
function pass(days: number): void {
  const end = now + days * DAY_MS;
  for (;;) {
    const [next] = timers.filter(({ at }) => at <= end).sort((one, other) => one.at - other.at);
    if (next === undefined) break;
    timers = timers.filter((one) => one !== next);
    now = next.at;
    next.action();
  }
  now = end;
}

describe("a certificate that a node shows", () => {
  it("has its days left, rounded down, and below 0 from the moment it has expired", () => {
    const left = () => certificates.list().map(({ daysLeft }) => daysLeft);
    expect(left()).toEqual([40]);
    now += 1;
    expect(left()).toEqual([39]);
    now = certificates.endsAt - 1;
    expect(left()).toEqual([0]);
    now += 2;
    expect(left()).toEqual([-1]);
  });

  it("is described as its operator knows it", () => {
    expect(certificates.list()).toMatchObject([
      {
        configKey: "clientCertificate",
        file: "certificate.pem",
        subject: "CN=Countersign development node",
        issuer: "CN=Countersign development authority",
        names: ["DNS:localhost", "IP Address:127.0.0.1", "IP Address:0:0:0:0:0:0:0:1"],
        notAfter: START + 40 * DAY_MS,
      },
    ]);
  });

  it("is in the log once a day from 30 days on, and louder once it has expired", () => {
    certificates.start();
    pass(9);
    expect(lines).toEqual([]);
    pass(3);
    expect(lines.map(({ level, daysLeft }) => [level, daysLeft])).toEqual([
      [40, 30],
      [40, 29],
      [40, 28],
    ]);
    pass(30);
    expect(lines.map(({ daysLeft }) => daysLeft)).toEqual(
      Array.from({ length: 33 }, (_, day) => 30 - day),
    );
    expect(lines.at(-1)).toMatchObject({ level: 50, daysLeft: -2 });
    certificates.stop();
    pass(3);
    expect(lines).toHaveLength(33);
  });
});
