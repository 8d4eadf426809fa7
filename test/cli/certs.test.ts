/** Renewal of a listener's certificate: a client that trusts the authority goes on, over real TLS. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, createServer } from "node:tls";
import { afterEach, beforeEach, expect, it } from "vitest";
import { countersignHere as countersign } from "./in-process.ts";

let home: string;

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), "countersign-certs-"));
  expect(await countersign(["certs", "--out", home])).toMatchObject({ code: 0, error: "" });
});

afterEach(() => rmSync(home, { recursive: true, force: true }));

const read = (name: string) => readFileSync(join(home, name), "utf8");
const renew = () => countersign(["certs", "--out", home, "--renew"]);

/** True if a client that trusts only `ca` accepts the listener's certificate and key as they are on disk now. */
async function isAccepted(ca: string): Promise<boolean> {
  const server = createServer({ cert: read("tls-certificate.pem"), key: read("tls-key.pem") });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  try {
    return await new Promise<boolean>((resolve) => {
      const socket = connect({ host: "127.0.0.1", port, ca, servername: "localhost" }, () => {
        resolve(socket.authorized);
        socket.destroy();
      });
      socket.once("error", () => resolve(false));
    });
  } finally {
    server.close();
  }
}

it("keeps the authority, and replaces the listener's pair", async () => {
  const ca = read("ca.pem");
  const before = read("tls-certificate.pem");
  expect(await isAccepted(ca)).toBe(true);
  expect(await renew()).toMatchObject({ code: 0, error: "" });
  expect(read("ca.pem")).toBe(ca);
  expect(read("tls-certificate.pem")).not.toBe(before);
  expect(await isAccepted(ca)).toBe(true);
  for (const secret of ["ca-key.pem", "tls-key.pem"]) {
    expect(statSync(join(home, secret)).mode & 0o777).toBe(0o600);
  }
});

it("is what a second call without --renew names", async () => {
  const { code, error } = await countersign(["certs", "--out", home]);
  expect(code).toBe(1);
  expect(error).toMatch(/ca\.pem exists; say --renew for a new certificate of the same authority/);
});

it("refuses by name what it would need, and leaves the pair alone", async () => {
  const pair = [read("tls-certificate.pem"), read("tls-key.pem")];
  const cases: readonly [string, string | undefined, RegExp][] = [
    ["ca-key.pem", read("tls-key.pem"), /ca-key\.pem is not the key of .*ca\.pem/],
    [
      "ca-key.pem",
      undefined,
      /ca-key\.pem is missing, and without it nothing can be issued, renewed or revoked/,
    ],
    ["ca.pem", "", /the authority is .*ca\.pem, which is empty/],
  ];
  for (const [name, content, message] of cases) {
    const kept = read(name);
    if (content === undefined) rmSync(join(home, name));
    else writeFileSync(join(home, name), content);
    const { code, error } = await renew();
    expect(code).toBe(1);
    expect(error).toMatch(message);
    expect([read("tls-certificate.pem"), read("tls-key.pem")]).toEqual(pair);
    writeFileSync(join(home, name), kept, { mode: 0o600 });
  }
  expect((await renew()).code).toBe(0);
});
