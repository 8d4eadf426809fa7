/** The file of tokens that commands show to nodes. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { tokenText } from "../../src/access/token.ts";
import { readTokens } from "../../src/cli/tokens-file.ts";
import { createGatewayClient } from "../../src/client/gateway-client.ts";
import { openGateway } from "../transport/gateway.ts";

const network = mkdtempSync(join(tmpdir(), "countersign-tokens-"));
const file = join(network, "tokens");
const [first = "", second = ""] = [1, 2].map((byte) => tokenText(new Uint8Array(32).fill(byte)));
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
const accessToken = `${part({ alg: "ES256" })}.${part({ iss: "https://a.example" })}.${"aB3-_".repeat(17)}a`;
const nodes = ["node1", "node2"];

afterAll(() => rmSync(network, { recursive: true }));

function read(text: string, mode = 0o600): ReadonlyMap<string, string> {
  rmSync(file, { force: true });
  writeFileSync(file, text, { mode });
  return readTokens("status", { network }, nodes);
}

function problem(text: string, mode?: number): string {
  try {
    read(text, mode);
  } catch (error) {
    return `${error}`;
  }
  return expect.fail("it was read");
}

describe("the tokens of nodes", () => {
  it("are those of the file, by node, and none without a file", () => {
    expect(readTokens("status", { network: join(network, "none") }, nodes).size).toBe(0);
    const found = read(`node1 ${first}\n\n  node2\t${second}\n`);
    expect([...found]).toEqual([
      ["node1", first],
      ["node2", second],
    ]);
  });

  it("may be access tokens", () => {
    const found = read(`node1 ${accessToken}\nnode2 ${second}\n`);
    expect(found.get("node1")).toBe(accessToken);
  });

  it("are refused by line, and never shown", () => {
    const wrong: readonly [string, RegExp][] = [
      [`node9 ${first}`, /line 1 does not begin with a node of the genesis: node1, node2/],
      [`node1 ${first.slice(1)}`, /line 1 holds no token behind node1/],
      [`node1 ${first} ${second}`, /line 1 holds no token behind node1/],
      [`node1 ${first}\nnode1 ${second}`, /line 2 is the second one of node1/],
      [`node1 ${accessToken.slice(3)}`, /line 1 holds no token behind node1/],
      ["node1 127.0.0.1", /line 1 holds no token behind node1/],
      [first, /line 1 does not begin with a node/],
    ];
    for (const [text, words] of wrong) {
      expect(problem(text)).toMatch(words);
      expect(problem(text)).not.toContain(first.slice(3, 20));
    }
  });

  it("are not shown where a token was given in place of the file", () => {
    expect(() => readTokens("status", { network, tokens: first }, nodes)).toThrow(
      /^status: --tokens names no file that is there; it takes a file/,
    );
  });

  it("are refused in a file that others may read", () => {
    expect(problem(`node1 ${first}`, 0o644)).toMatch(/can be read by others \(mode 0644\)/);
  });

  it("are shown by a client with each call", async () => {
    const shown: unknown[] = [];
    const gateway = await openGateway({
      authenticator: {
        authenticate: async ({ authorization }) => {
          shown.push(authorization);
          return { principal: "token:a", scopes: new Set(["read"] as const) };
        },
      },
    });
    const client = createGatewayClient({ baseUrl: gateway.url, ca: gateway.ca, token: first });
    await client.calls.getStatus({});
    expect(shown).toEqual([`Bearer ${first}`]);
    client.close();
    await gateway.close();
  });
});
