import { describe, expect, it } from "vitest";
import { boundedLog, createLog } from "../../../src/node/base/log.ts";
import { LIMITS } from "../../../src/primitives/limits.ts";

const BURST = LIMITS.logLinesOfKind.burst;

function openLog() {
  const clock = { now: 0 };
  const lines: string[] = [];
  const log = boundedLog(
    createLog("node1", "debug", (line) => lines.push(line)),
    () => clock.now,
  );
  return { clock, lines, log };
}

describe("the log of a node", () => {
  it("takes at most a megabyte in a minute, for any repeated line of any length", () => {
    const { clock, lines, log } = openLog();
    const kinds = Array.from({ length: 40 }, (_, kind) => `event ${kind}`);
    for (clock.now = 0; clock.now < 60_000; clock.now += 100) {
      for (const kind of kinds) {
        for (let line = 0; line < 20; line++) log.warn({ peer: 1, why: "x".repeat(100) }, kind);
      }
    }
    expect(lines.join("").length).toBeLessThan(1024 * 1024);
  });

  it("goes on with each kind after a while, and tells how many lines it left out", () => {
    const { clock, lines, log } = openLog();
    for (let line = 0; line < BURST + 30; line++) log.error({ line }, "evidence of a fault");
    expect(lines).toHaveLength(BURST);
    log.error({}, "something else");
    expect(lines).toHaveLength(BURST + 1);
    clock.now += 1000 / LIMITS.logLinesOfKind.perSecond;
    log.error({ line: "next" }, "evidence of a fault");
    expect(JSON.parse(lines.at(-1) ?? "")).toMatchObject({ line: "next", leftOut: 30 });
  });

  it("hides nothing of one member behind what another one causes", () => {
    const { lines, log } = openLog();
    for (let line = 0; line < 5_000; line++) log.error({ signer: 1 }, "evidence of a fault");
    const before = lines.length;
    expect(before).toBeLessThan(BURST + 10);
    log.error({ signer: 2 }, "evidence of a fault");
    expect(JSON.parse(lines.at(-1) ?? "")).toMatchObject({ signer: 2 });
    expect(lines).toHaveLength(before + 1);
  });

  it("bounds lines whose text differs each time, too", () => {
    const { lines, log } = openLog();
    for (let line = 0; line < 5_000; line++) log.warn(`number ${line}`);
    expect(lines.length).toBeLessThanOrEqual(LIMITS.logKindsMax + BURST);
  });

  it("cuts long texts, and shows nothing that steers a terminal", () => {
    const { lines, log } = openLog();
    log.info({ path: `/\u009b2J\u202e${"a".repeat(20_000)}` }, "a body came too slowly");
    const [line = ""] = lines;
    expect(line.length).toBeLessThan(LIMITS.logTextLengthMax + 300);
    expect(line).toContain("\\u009b2J\\u202e");
    expect(JSON.parse(line)).toMatchObject({ path: expect.stringMatching(/…$/) });
  });

  it("shows no token that came into a field or a text", () => {
    const { lines, log } = openLog();
    const token = `cs_${"aB3-_".repeat(9)}`.slice(0, 46);
    log.warn({ path: `/peers?token=${token}&x=1`, [token]: 1 }, `no ${token}`);
    const [line = ""] = lines;
    expect(line).not.toContain(token.slice(3, 12));
    expect(JSON.parse(line)).toMatchObject({ path: "/peers?token=cs_…&x=1", msg: "no cs_…" });
  });

  it("shows no access token either", () => {
    const { lines, log } = openLog();
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const [head, claims] = [part({ alg: "ES256" }), part({ iss: "https://a.example" })];
    log.warn({ path: `/peers?token=${head}.${claims}.${"aB3-_".repeat(17)}a&x=1` }, "refused");
    expect(lines[0]).not.toContain(claims.slice(3, 12));
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ path: "/peers?token=eyJ…&x=1" });
  });

  it("leaves debug lines to who asked for them", () => {
    const { lines, log } = openLog();
    for (let line = 0; line < 3 * BURST; line++) log.debug({ line }, "too late to notarize");
    expect(lines).toHaveLength(3 * BURST);
  });
});
