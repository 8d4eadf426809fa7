/** The operator's listener on an address: TLS, and a credential with the scope of each call and page, shown by curl. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { anonymousCaller } from "../../src/access/principal.ts";
import { scopeSet } from "../../src/access/scope.ts";
import { LIMITS } from "../../src/primitives/limits.ts";
import { type CallerBounds, operatorBounds } from "../../src/transport/caller-bounds.ts";
import type { CertificateAndKey } from "../../src/transport/certificate-keys.ts";
import {
  createDevelopmentAuthority,
  createListenerCertificate,
  LOOPBACK_HOSTS,
} from "../../src/transport/development-certificates.ts";
import {
  type OperatorTlsListener,
  openOperatorTlsListener,
} from "../../src/transport/operator-listener.ts";
import { Refusal } from "../../src/transport/refusal.ts";
import { run } from "./gateway.ts";
import { createOperatorDouble } from "./operator-double.ts";
import { createTestLog } from "./test-log.ts";

const folder = mkdtempSync(join(tmpdir(), "countersign-operator-tls-"));
const caFile = join(folder, "ca.pem");
const api = createOperatorDouble();
let authority: CertificateAndKey;
let listener: OperatorTlsListener;
let because: string | undefined;

const pairFor = (hosts: readonly string[]) =>
  createListenerCertificate(authority, hosts, { now: Date.now(), days: 2 });

beforeAll(async () => {
  authority = await createDevelopmentAuthority({ now: Date.now(), days: 2 });
  writeFileSync(caFile, authority.certificate);
  listener = await open(operatorBounds(() => performance.now()));
});

async function open(bounds: CallerBounds): Promise<OperatorTlsListener> {
  return await openOperatorTlsListener({
    host: "127.0.0.1",
    port: 0,
    ...(await pairFor(LOOPBACK_HOSTS)),
    authenticator: {
      authenticate: async ({ authorization }) => {
        const [, name] = /^Bearer (operator|prometheus|client)$/.exec(authorization ?? "") ?? [];
        if (authorization === undefined) return anonymousCaller([]);
        if (name === undefined) return new Refusal("UNAUTHENTICATED", { message: "no such token" });
        const scope = { operator: "operate", prometheus: "metrics", client: "read:all" } as const;
        const scopes = scopeSet([scope[name as keyof typeof scope]]);
        return { principal: `token:${name}`, scopes };
      },
    },
    api,
    audit: { called: async () => undefined },
    metrics: { read: () => ({ status: 200, contentType: "text/plain", text: "m 1\n" }) },
    notReadyBecause: () => because,
    bounds,
    log: createTestLog(),
    onFailure: () => undefined,
  });
}

beforeEach(() => {
  because = undefined;
  api.asked.length = 0;
});

afterAll(async () => {
  await listener.close(100);
  rmSync(folder, { recursive: true });
});

async function curl(path: string, token: string | undefined, ...args: string[]) {
  const { stdout } = await run("curl", [
    ...["-sS", "--cacert", caFile, "-w", "\n%{http_code}"],
    ...(token === undefined ? [] : ["-H", `authorization: Bearer ${token}`]),
    ...[...args, `https://localhost:${listener.port}${path}`],
  ]);
  const end = stdout.lastIndexOf("\n");
  return { status: Number(stdout.slice(end + 1)), body: stdout.slice(0, end) };
}

const reload = ["-H", "content-type: application/json", "-d", "{}"];
const RELOAD = "/countersign.v1.OperatorService/Reload";

describe("the operator's listener on an address", () => {
  it.each([
    ["/healthz", undefined, 200],
    ["/readyz", undefined, 200],
    ["/metrics", undefined, 401],
    ["/metrics", "prometheus", 200],
    ["/metrics", "operator", 403],
    ["/metrics", "client", 403],
    ["/metrics", "guessed", 401],
  ])("answers GET and HEAD of %s by %s with %i", async (path, token, status) => {
    for (const args of [[], ["--head"], ["--http1.1"]]) {
      expect(await curl(path, token, ...args)).toMatchObject({ status });
    }
  });

  it("tells those without a credential that the node is not ready, and not why", async () => {
    because = "1 of 4 nodes are connected";
    expect(await curl("/readyz", undefined)).toEqual({ status: 503, body: "not ready\n" });
  });

  it("takes calls from those with the scope operate alone, and names the one that is missing", async () => {
    expect(await curl(RELOAD, undefined, ...reload)).toMatchObject({ status: 401 });
    expect(await curl(RELOAD, "guessed", ...reload)).toMatchObject({ status: 401 });
    for (const token of ["prometheus", "client"]) {
      const { status, body } = await curl(RELOAD, token, ...reload);
      expect(status).toBe(403);
      expect(JSON.parse(body).details[0].debug).toMatchObject({
        reason: "PERMISSION_DENIED",
        metadata: { scope: "operate" },
      });
    }
    expect(api.asked).toEqual([]);
    expect(await curl(RELOAD, "operator", ...reload)).toMatchObject({ status: 200 });
    expect(api.asked).toEqual([["reload", "token:operator"]]);
  });

  it("T11: takes no call of a web page, not even with a credential", async () => {
    const origin = ["-H", "origin: https://evil.example"];
    expect(await curl(RELOAD, "operator", ...reload, ...origin)).toMatchObject({ status: 403 });
    const host = ["-H", "host: evil.example"];
    expect(await curl("/healthz", undefined, ...host)).toMatchObject({ status: 421 });
    expect(api.asked).toEqual([]);
  });

  it("T9: answers health probes while strangers and wallets' keys use up the calls without a credential", async () => {
    // The clock stands still, so that no token comes back.
    const bounds = operatorBounds(() => 0);
    const own = await open(bounds);
    /** On one connection, because the door lets few in. */
    const ask = async (from: string, ...paths: readonly string[]) => {
      const all = ["-sS", "--cacert", caFile, "-w", "%{http_code} ", "--interface", from];
      const asked = paths.flatMap((path) => {
        return ["-o", "/dev/null", `https://localhost:${own.port}${path}`];
      });
      return (await run("curl", [...all, ...asked])).stdout.trim().split(" ");
    };
    for (let i = 0; i < 100; i++) {
      const end = bounds.wallets.begin(`wallet:${i}`);
      if (typeof end === "function") end();
    }
    expect(await ask("127.0.0.1", "/metrics")).toEqual(["429"]);
    const { burst } = LIMITS.probesOfOperator.ofAddress;
    const probes = Array.from({ length: burst }, (_, i) => ["/healthz", "/readyz"][i % 2] ?? "");
    expect(new Set(await ask("127.0.0.1", ...probes))).toEqual(new Set(["200"]));
    // Beyond its rate an address has the room of other calls, of which there is none now.
    expect(await ask("127.0.0.1", "/healthz")).toEqual(["429"]);
    expect(await ask("127.0.0.2", "/healthz")).toEqual(["200"]);
    await own.close(100);
  });

  it("speaks no HTTP without TLS", async () => {
    await expect(
      run("curl", ["-sS", `http://localhost:${listener.port}/healthz`]),
    ).rejects.toThrow();
  });

  it("shows a renewed certificate at once", async () => {
    listener.renew(await pairFor(["localhost", "renewed.example"]));
    const host = ["-H", "host: renewed.example"];
    expect(await curl("/healthz", undefined, ...host)).toMatchObject({ status: 200 });
  });

  it("leaves one address a quarter of its connections until a credential is shown on them", async () => {
    const most = LIMITS.operatorConnectionsMax / 4;
    let closed = 0;
    const options = { host: "127.0.0.1", port: listener.port, ca: authority.certificate };
    const sockets = Array.from({ length: most + 5 }, () =>
      connect({ ...options, servername: "localhost" }),
    );
    for (const socket of sockets) {
      socket.on("error", () => undefined);
      socket.once("close", () => {
        closed += 1;
      });
    }
    await expect.poll(() => closed).toBe(5);
    for (const socket of sockets) socket.destroy();
    await expect
      .poll(() => curl("/healthz", undefined).catch(() => undefined))
      .toMatchObject({ status: 200 });
  });
});
