// The explorer's files at the client listener: fixed, cached, compressed, with headers that let them load nothing else.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EXPLORER_FILES } from "../../gen/explorer/files.ts";
import { PAGE_SCOPES } from "../../src/access/call-scopes.ts";
import { clientBounds } from "../../src/transport/caller-bounds.ts";
import { explorerPages } from "../../src/transport/explorer-pages.ts";
import { type Gateway, openGateway, run } from "./gateway.ts";

const GENESIS = '{"createdAt":1}\n';
const pages = explorerPages(GENESIS);
let gateway: Gateway;
beforeAll(async () => {
  gateway = await openGateway({ pages });
});
afterAll(() => gateway.close());

interface Got {
  readonly status: string;
  readonly head: string;
  readonly body: string;
}

async function get(path: string, ...args: readonly string[]): Promise<Got> {
  const { stdout } = await run("curl", [
    ...["-sS", "-i", "--cacert", gateway.caFile, "--compressed", ...args],
    `${gateway.url}${path}`,
  ]);
  const end = stdout.indexOf("\r\n\r\n");
  const head = stdout.slice(0, end).toLowerCase();
  return { status: head.split(" ")[1] ?? "", head, body: stdout.slice(end + 4) };
}

describe("T11: the explorer's files", () => {
  for (const version of ["--http1.1", "--http2"]) {
    it(`are the built ones, and the genesis (${version})`, async () => {
      for (const { path, text, contentType } of EXPLORER_FILES) {
        const { status, head, body } = await get(path, version);
        expect(status).toBe("200");
        expect(head).toContain(`content-type: ${contentType}`);
        expect(head).toContain("content-encoding: gzip");
        expect(body).toBe(text);
      }
      expect((await get("/genesis.json", version)).body).toBe(GENESIS);
    });

    it(`are sent once: their tag gets no body (${version})`, async () => {
      const { stdout } = await run("curl", [
        ...["-sS", "-I", version, "--cacert", gateway.caFile, `${gateway.url}/`],
      ]);
      const [, tag = ""] = /^etag: (.*)$/im.exec(stdout) ?? [];
      const held = await get("/", version, "-H", `if-none-match: "other", ${tag.trim()}`);
      expect([held.status, held.body]).toEqual(["304", ""]);
      expect((await get("/", version, "-H", 'if-none-match: "other"')).status).toBe("200");
    });
  }

  it("come whole to a reader that takes no compression, and HEAD has their headers alone", async () => {
    const [file] = EXPLORER_FILES;
    const plain = await get("/", "-H", "accept-encoding: identity");
    expect(plain.head).not.toContain("content-encoding");
    expect(plain.body).toBe(file?.text);
    const { stdout } = await run("curl", [
      "-sS",
      "-I",
      "--cacert",
      gateway.caFile,
      `${gateway.url}/`,
    ]);
    expect(stdout).toContain(`content-length: ${Buffer.byteLength(file?.text ?? "")}`);
  });

  it("may load and call this listener alone, run nothing inline, and are framed by no page", async () => {
    const { head } = await get("/");
    const [, policy = ""] = /^content-security-policy: (.*)$/m.exec(head) ?? [];
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("require-trusted-types-for 'script'");
    expect(policy).not.toMatch(/unsafe|https?:|data:|blob:|\*/);
    for (const name of ["x-content-type-options: nosniff", "referrer-policy: no-referrer"]) {
      expect(head).toContain(name);
    }
  });

  it("are read by GET and HEAD alone, and name no other file", async () => {
    const posted = await get("/", "-X", "POST", "-d", "x");
    expect(posted.status).toBe("405");
    for (const path of [
      "/index.html",
      "/explorer.js/",
      "/../package.json",
      "/%2e%2e/package.json",
    ]) {
      expect((await get(path, "--path-as-is")).status, path).toBe("404");
    }
  });

  it("each have a row of scopes, for everyone", () => {
    for (const path of pages.keys()) expect(PAGE_SCOPES[path], path).toEqual([]);
  });

  it("weigh at most 150 KB, compressed", async () => {
    let bytes = 0;
    for (const path of pages.keys()) {
      const { stdout } = await run("curl", [
        ...["-sS", "-o", "/dev/null", "-w", "%{size_download}", "--cacert", gateway.caFile],
        ...["-H", "accept-encoding: gzip", `${gateway.url}${path}`],
      ]);
      bytes += Number(stdout);
    }
    console.log(`the explorer has ${bytes} bytes, compressed by gzip`);
    expect(bytes).toBeLessThanOrEqual(150_000);
  });
});

describe("T9: readers of the explorer", () => {
  it("are counted as callers without a credential", async () => {
    const bounds = clientBounds(() => 0, 600);
    const slow = await openGateway({ pages, bounds });
    try {
      const statuses = new Set<string>();
      for (let round = 0; round < 40 && !statuses.has("429"); round++) {
        const urls = Array.from({ length: 20 }, () => `${slow.url}/explorer.svg`);
        const each = ["-o", "/dev/null", "-w", "%{http_code}\n"];
        const { stdout } = await run("curl", [
          ...["-sS", "--cacert", slow.caFile, ...urls.flatMap((url) => [...each, url])],
        ]);
        for (const status of stdout.trim().split("\n")) statuses.add(status);
      }
      expect([...statuses].sort()).toEqual(["200", "429"]);
    } finally {
      await slow.close();
    }
  });
});

it("T11: a listener without the explorer has no page", async () => {
  const closed = await openGateway();
  try {
    expect((await closed.curl("/")).status).toBe(404);
  } finally {
    await closed.close();
  }
});
