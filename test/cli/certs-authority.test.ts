/** A private authority: what it issues is accepted over real TLS, by a server of its clients too, and nothing else is. */
import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, createServer, type TLSSocket } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { countersignHere as countersign } from "./in-process.ts";

let home: string;
const at = (...names: string[]) => join(home, ...names);
const read = (...names: string[]) => readFileSync(at(...names), "utf8");
const modeOf = (...names: string[]) => statSync(at(...names)).mode & 0o777;

async function must(...args: string[]): Promise<unknown> {
  const { code, out, error } = await countersign([...args, "--json"], { cwd: home });
  expect({ code, error }).toEqual({ code: 0, error: "" });
  return JSON.parse(out);
}

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "countersign-authority-"));
  await must("certs", "init", "--name", "Example Bank, CN=payments");
  await must(
    "certs",
    "issue",
    "--hosts",
    "node1.example.org,*.example.net,127.0.0.1,::1",
    "--out",
    "node1",
  );
  await must("certs", "issue", "--client", "billing, EU", "--out", "billing");
});

afterAll(() => rmSync(home, { recursive: true, force: true }));

interface Ends {
  /** The subject that the server sees; undefined if it took no client certificate. */
  readonly client?: string | undefined;
  readonly error?: string;
}

/** A client that trusts only `ca` calls a server that takes only clients of the authority. */
async function shake(options: {
  readonly servername?: string;
  readonly client?: string;
  readonly ca?: string;
}): Promise<Ends> {
  const seen: { client?: string } = {};
  const server = createServer(
    {
      cert: read("node1", "tls-certificate.pem"),
      key: read("node1", "tls-key.pem"),
      ca: read("authority", "ca.pem"),
      requestCert: true,
      rejectUnauthorized: true,
    },
    (socket) => {
      seen.client = String(socket.getPeerCertificate().subject.CN);
      socket.end("hello");
    },
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const folder = options.client;
  const pair =
    folder === undefined
      ? {}
      : { cert: read(folder, certificateIn(folder)), key: read(folder, keyIn(folder)) };
  try {
    return await new Promise<Ends>((resolve) => {
      const socket: TLSSocket = connect({
        host: "127.0.0.1",
        port,
        ca: options.ca ?? read("authority", "ca.pem"),
        servername: options.servername ?? "node1.example.org",
        ...pair,
      });
      // With TLS 1.3 a client hears only afterwards that its certificate is not taken.
      socket.once("data", () => resolve(seen));
      socket.once("error", (error: NodeJS.ErrnoException) => resolve({ error: error.code ?? "" }));
      socket.once("close", () => resolve({ error: "closed" }));
    });
  } finally {
    server.close();
  }
}

const kindOf = (folder: string) => (folder === "node1" ? "tls" : "client");
const certificateIn = (folder: string) => `${kindOf(folder)}-certificate.pem`;
const keyIn = (folder: string) => `${kindOf(folder)}-key.pem`;

describe("a private authority", () => {
  it("keeps its key and those of its certificates to their owner", () => {
    expect(modeOf("authority", "ca-key.pem")).toBe(0o600);
    expect(modeOf("node1", "tls-key.pem")).toBe(0o600);
    expect(modeOf("billing", "client-key.pem")).toBe(0o600);
    expect(modeOf("authority", "ca.pem")).toBe(0o644);
  });

  it("has the name that it was given, as one name", () => {
    const { subject, ca } = new X509Certificate(read("authority", "ca.pem"));
    expect({ subject, ca }).toEqual({ subject: "CN=Example Bank\\, CN=payments", ca: true });
  });

  it("lets a server and a client prove themselves to one another", async () => {
    expect(await shake({ client: "billing" })).toEqual({ client: "billing, EU" });
    const servername = "node2.example.net";
    expect(await shake({ client: "billing", servername })).toEqual({ client: "billing, EU" });
  });

  it("does not let a server pass for another, a server for a client, or a stranger for either", async () => {
    expect(await shake({ client: "billing", servername: "node2.example.org" })).toEqual({
      error: "ERR_TLS_CERT_ALTNAME_INVALID",
    });
    expect(await shake({ client: "node1" })).toMatchObject({ error: expect.stringMatching(/./) });
    expect(await shake({})).toMatchObject({ error: expect.stringMatching(/./) });
    await must("certs", "init", "--out", "stranger");
    const ca = read("stranger", "ca.pem");
    expect(await shake({ client: "billing", ca })).toMatchObject({
      error: expect.stringMatching(/./),
    });
    await must(
      "certs",
      "issue",
      "--client",
      "billing",
      "--authority",
      "stranger",
      "--out",
      "mallory",
    );
    expect(await shake({ client: "mallory" })).toMatchObject({ error: expect.stringMatching(/./) });
  });

  it("issues for addresses, and never for longer than it lasts itself", async () => {
    await must("certs", "init", "--out", "short", "--days", "10");
    const told = await must(
      "certs",
      "issue",
      "--hosts",
      "localhost",
      "--authority",
      "short",
      "--out",
      "late",
    );
    expect(told).toMatchObject({ days: 9 });
    const names = new X509Certificate(read("node1", "tls-certificate.pem")).subjectAltName;
    expect(names).toBe(
      "DNS:node1.example.org, DNS:*.example.net, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1",
    );
  });

  it("overwrites neither an authority nor a pair", async () => {
    const before = [read("authority", "ca-key.pem"), read("node1", "tls-key.pem")];
    for (const [args, message] of [
      [["init"], /authority\/ca\.pem exists; give --out for another folder/],
      [
        ["issue", "--hosts", "a", "--out", "node1"],
        /tls-certificate\.pem exists; renew it by certs renew/,
      ],
    ] as const) {
      const { code, error } = await countersign(["certs", ...args], { cwd: home });
      expect(code).toBe(1);
      expect(error).toMatch(message);
    }
    expect([read("authority", "ca-key.pem"), read("node1", "tls-key.pem")]).toEqual(before);
  });
});

describe("certs revoke", () => {
  const openssl = (...args: string[]) =>
    execFileSync("openssl", args, { cwd: home, stdio: "pipe" }).toString();
  const verify = (folder: string) =>
    openssl(
      ...["verify", "-CAfile", "authority/ca.pem", "-CRLfile", "authority/crl.pem", "-crl_check"],
      join(folder, certificateIn(folder)),
    );

  it("adds to the authority's list, which others read too, and keeps what it had", async () => {
    for (const name of ["lost", "stolen"])
      await must("certs", "issue", "--client", name, "--out", name);
    const revoke = (...names: string[]) =>
      must("certs", "revoke", ...names.map((name) => join(name, certificateIn(name))));
    expect(await revoke("lost")).toMatchObject({ added: 1, revoked: 1 });
    expect(() => verify("lost")).toThrow(/certificate revoked/);
    expect(verify("stolen")).toContain("OK");
    expect(await revoke("lost", "stolen")).toMatchObject({ added: 1, revoked: 2 });
    for (const name of ["lost", "stolen"])
      expect(() => verify(name)).toThrow(/certificate revoked/);
    expect(await must("certs", "revoke", "--days", "7")).toMatchObject({
      added: 0,
      revoked: 2,
      days: 7,
    });
    expect(() => verify("stolen")).toThrow(/certificate revoked/);
    expect(verify("billing")).toContain("OK");
    expect(modeOf("authority", "crl.pem")).toBe(0o644);
  });

  it("begins no new list in place of one that it cannot read", async () => {
    const before = read("authority", "crl.pem");
    writeFileSync(at("authority", "crl.pem"), before.slice(0, 200));
    const revoked = await countersign(["certs", "revoke", "billing/client-certificate.pem"], {
      cwd: home,
    });
    expect(revoked).toMatchObject({
      code: 1,
      error: expect.stringMatching(/put the right one back/),
    });
    writeFileSync(at("authority", "crl.pem"), before);
    expect(read("authority", "crl.pem")).toBe(before);
  });
});

describe("certs renew", () => {
  it("replaces the certificate alone: same key, names, subject and use", async () => {
    const [old, key] = [read("node1", "tls-certificate.pem"), read("node1", "tls-key.pem")];
    await must("certs", "renew", "node1/tls-certificate.pem", "--days", "30");
    const fresh = read("node1", "tls-certificate.pem");
    expect(read("node1", "tls-key.pem")).toBe(key);
    const [before, after] = [old, fresh].map((pem) => new X509Certificate(pem));
    expect(after?.serialNumber).not.toBe(before?.serialNumber);
    for (const name of ["subject", "issuer", "subjectAltName", "keyUsage"] as const) {
      expect(after?.[name]).toEqual(before?.[name]);
    }
    expect(await shake({ client: "billing" })).toEqual({ client: "billing, EU" });
  });

  it("draws a new key by --new-key, also for a client", async () => {
    const key = read("billing", "client-key.pem");
    await must("certs", "renew", "billing/client-certificate.pem", "--new-key");
    expect(read("billing", "client-key.pem")).not.toBe(key);
    expect(modeOf("billing", "client-key.pem")).toBe(0o600);
    expect(await shake({ client: "billing" })).toEqual({ client: "billing, EU" });
  });

  it("leaves a pair alone whose key is another one", async () => {
    await must("certs", "issue", "--client", "other", "--out", "other");
    const before = read("other", "client-certificate.pem");
    const { code, error } = await countersign(
      ["certs", "renew", "other/client-certificate.pem", "--key", "billing/client-key.pem"],
      { cwd: home },
    );
    expect(code).toBe(1);
    expect(error).toMatch(/billing\/client-key\.pem is not the key of that certificate/);
    expect(read("other", "client-certificate.pem")).toBe(before);
  });
});

describe("an authority under a passphrase", () => {
  beforeAll(async () => {
    writeFileSync(at("passphrase"), "a long one\n", { mode: 0o600 });
    writeFileSync(at("wrong"), "another one\n", { mode: 0o600 });
    writeFileSync(at("exposed"), "a long one\n", { mode: 0o644 });
    await must("certs", "init", "--out", "sealed", "--passphrase-file", "passphrase");
  });

  const issue = (out: string, ...more: string[]) =>
    countersign(
      ["certs", "issue", "--client", "x", "--authority", "sealed", "--out", out, ...more],
      {
        cwd: home,
      },
    );

  it("has its key encrypted, and signs for its owner", async () => {
    expect(read("sealed", "ca-key.pem")).toContain("ENCRYPTED");
    expect(modeOf("sealed", "ca-key.pem")).toBe(0o600);
    expect(await issue("x1", "--passphrase-file", "passphrase")).toMatchObject({ code: 0 });
  });

  it.each([
    ["without the passphrase", [], /ca-key\.pem is encrypted; name the file of its passphrase/],
    ["by another one", ["--passphrase-file", "wrong"], /cannot be opened by that passphrase/],
    ["that others may read", ["--passphrase-file", "exposed"], /exposed can be read by others/],
  ])("signs nothing %s, and shows no secret", async (_, more, message) => {
    const { code, error } = await issue("x2", ...more);
    expect(code).toBe(1);
    expect(error).toMatch(message);
    expect(error).not.toMatch(/a long one|another one/);
  });
});

describe("certs inspect", () => {
  it("shows names, use and days, in text and JSON", async () => {
    const [shown] = (await must("certs", "inspect", "billing/client-certificate.pem")) as object[];
    expect(shown).toMatchObject({
      subject: "CN=billing\\, EU",
      names: [],
      uses: ["client"],
      daysLeft: 364,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    const { out } = await countersign(["certs", "inspect", "authority/ca.pem"], { cwd: home });
    expect(out).toMatch(/^use {10}authority$/m);
    expect(out).toMatch(/\(3649 days left\)$/m);
  });

  it("says by its exit code whether the authority issued it", async () => {
    const inspect = (ca: string) =>
      countersign(["certs", "inspect", "node1/tls-certificate.pem", "--ca", ca], { cwd: home });
    expect(await inspect("authority/ca.pem")).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^issued {7}by that authority$/m),
    });
    expect(await inspect("sealed/ca.pem")).toMatchObject({
      code: 1,
      out: expect.stringMatching(/^issued {7}not by that authority$/m),
    });
  });
});
