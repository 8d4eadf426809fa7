/** An operator gives over the network no more than it has, and each token has its line in the audit log first. */
import { beforeEach, expect, it } from "vitest";
import { type Caller, SOCKET_CALLER } from "../../../src/access/principal.ts";
import { SCOPES, scopeSet } from "../../../src/access/scope.ts";
import { Tokens } from "../../../src/node/access/tokens.ts";
import { createLog } from "../../../src/node/base/log.ts";
import { realSystem } from "../../../src/node/base/system.ts";
import { TokenDesk } from "../../../src/node/operator/token-desk.ts";
import type { Store } from "../../../src/storage/contracts.ts";
import { openMemoryStore } from "../../../src/storage/memory-store.ts";
import type { MadeToken, NewToken } from "../../../src/transport/operator-api.ts";
import { Refusal } from "../../../src/transport/refusal.ts";
import { MemoryAuditSink, memoryAudit } from "../../support/memory-audit.ts";
import { networkId } from "../../transport/identities.ts";

let sink: MemoryAuditSink;
let store: Store;
let desk: TokenDesk;
const remote: Caller = { principal: "token:ops", scopes: scopeSet(["operate", "metrics"]) };
const asked: NewToken = { name: "payments", scopes: ["metrics"], further: false };

beforeEach(async () => {
  sink = new MemoryAuditSink();
  store = await openMemoryStore({ identity: { networkId } });
  const log = createLog("test", "silent");
  const tokens = await Tokens.open({ records: store.tokens, system: realSystem, log });
  desk = new TokenDesk({ tokens, audit: memoryAudit(sink), log });
});

async function made(wanted: NewToken, caller: Caller): Promise<MadeToken> {
  const answer = await desk.create(wanted, caller);
  return answer instanceof Refusal ? expect.fail(answer.message) : answer;
}

const acts = () => sink.lines.map((line) => JSON.parse(line));

it("gives over the network only scopes that its caller has", async () => {
  await made(asked, remote);
  for (const scope of SCOPES.filter((one) => !remote.scopes.has(one))) {
    expect(
      await desk.create({ ...asked, name: "x", scopes: ["metrics", scope] }, remote),
    ).toMatchObject({
      reason: "PERMISSION_DENIED",
      field: "scopes",
      metadata: { scope },
    });
  }
  expect(desk.list()).toHaveLength(1);
});

it("makes no further token of a name over the network", async () => {
  await made(asked, SOCKET_CALLER);
  const refusal = { reason: "PERMISSION_DENIED", field: "further" };
  expect(await desk.create({ ...asked, further: true }, remote)).toMatchObject(refusal);
  expect(desk.list()).toHaveLength(1);
});

it("makes every token on the socket", async () => {
  await made({ ...asked, scopes: SCOPES }, SOCKET_CALLER);
  await made({ ...asked, scopes: SCOPES, further: true }, SOCKET_CALLER);
});

it("writes a line for each token that is made and revoked, without its text", async () => {
  const { token, text } = await made({ ...asked, scopes: ["operate", "metrics"] }, remote);
  await desk.revoke("payments", SOCKET_CALLER);
  const subject = `${token.id} payments operate,metrics`;
  expect(acts()).toMatchObject([
    { act: "token", principal: "token:ops", call: "CreateToken", subject },
    { act: "token", principal: "socket", call: "RevokeToken", subject },
  ]);
  expect(sink.lines.join()).not.toContain(text);
});

it("saves no token whose line cannot be written", async () => {
  sink.failure = new Error("the disk is full");
  await expect(desk.create(asked, remote)).rejects.toThrow();
  expect(await store.tokens.load()).toEqual([]);
  expect(desk.list()).toEqual([]);
});
