/**
 * Goal: a wallet's key is a credential for exactly one request. Method: requests made with OpenSSL, good and hostile, are judged by a
 * node's access control, and stand in test/vectors/signed-reads.json for other languages. To change that file on
 * purpose, run with UPDATE_VECTORS=1.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { beforeEach, describe, expect, it } from "vitest";
import { SIGNED_READS } from "../../../src/access/call-scopes.ts";
import { walletPrincipal } from "../../../src/access/principal.ts";
import { AccessControl } from "../../../src/node/access/access-control.ts";
import { Guesses } from "../../../src/node/access/guesses.ts";
import { WalletSignatures } from "../../../src/node/access/wallet-signatures.ts";
import { isValidPoint, sha256 } from "../../../src/node/base/crypto.ts";
import { inlineChecker } from "../../../src/node/base/signature-checker.ts";
import { fromHex, toHex } from "../../../src/primitives/bytes.ts";
import type { WalletId } from "../../../src/primitives/ids.ts";
import { LIMITS } from "../../../src/primitives/limits.ts";
import type { PublicKey, SignatureCheck } from "../../../src/primitives/signature.ts";
import { Refusal } from "../../../src/transport/refusal.ts";
import {
  CALL,
  FILE,
  KEYS,
  NODE,
  NOW,
  networkId,
  type ReadVector,
  VECTORS,
  WALLETS,
} from "./signed-read-vectors.ts";

const PATH = new URL("../../vectors/signed-reads.json", import.meta.url);
if (process.env["UPDATE_VECTORS"] === "1") {
  writeFileSync(PATH, `${JSON.stringify(FILE, undefined, 2)}\n`);
}

const keys = new Map<string, PublicKey>(
  Object.entries(WALLETS).map(([name, wallet]) => [
    wallet,
    fromHex(KEYS[name as keyof typeof KEYS].publicKey) ?? expect.fail(name),
  ]),
);

/** The floods below show the same few signatures thousands of times. */
const verdicts = new Map<string, Promise<boolean>>();
function checkOnce(checks: readonly SignatureCheck[]): Promise<boolean> {
  const key = checks.flatMap((check) => Object.values(check).map(toHex)).join();
  const verdict = verdicts.get(key) ?? inlineChecker.check(checks);
  verdicts.set(key, verdict);
  return verdict;
}

let wall: number;
let monotonic: number;
let checked: SignatureCheck[];
let lookedUp: WalletId[];
let control: AccessControl;

beforeEach(() => {
  wall = NOW;
  monotonic = 0;
  checked = [];
  lookedUp = [];
  const system = { wall: () => wall, monotonic: () => monotonic };
  const signatures = new WalletSignatures({
    networkId,
    node: NODE,
    wallets: {
      keyOf: (wallet) => {
        lookedUp.push(wallet);
        return keys.get(wallet);
      },
    },
    checker: {
      check: (checks) => {
        checked.push(...checks);
        return checkOnce(checks);
      },
    },
    system,
  });
  control = new AccessControl({
    ways: [signatures],
    guesses: new Guesses(system.monotonic),
    publicReads: false,
  });
});

function show(
  { authorization, call }: Pick<ReadVector, "authorization" | "call">,
  address = "192.0.2.1",
) {
  return control.authenticate({ authorization, clientCertificate: undefined, address, call });
}

function named(name: string): ReadVector {
  return VECTORS.find((one) => one.name === name) ?? expect.fail(name);
}

/** As the listener does: the access control judges the header, and then the body has to have the digest. */
async function verdict(vector: ReadVector): Promise<string> {
  wall = vector.now;
  const caller = await show(vector);
  if (!(caller instanceof Refusal)) {
    expect(caller.scopes).toEqual(new Set(["read"]));
    expect(caller.principal).toBe(walletPrincipal(WALLETS.alice));
    const { bodyDigest = expect.fail("any body would do") } = caller;
    const digest = sha256(fromHex(vector.body) ?? expect.fail("body"));
    return toHex(digest) === toHex(bodyDigest) ? "accepted" : "body";
  }
  expect(caller).toMatchObject({ reason: "UNAUTHENTICATED", field: "authorization" });
  if (/does not have the form/.test(caller.message)) return "form";
  return /seconds (ago|ahead)/.test(caller.message) ? "time" : "signature";
}

describe("T14: a signed read", () => {
  it("stands in the vectors, for other languages", () => {
    expect(JSON.parse(readFileSync(PATH, "utf8"))).toEqual(JSON.parse(JSON.stringify(FILE)));
  });

  it("stands in the worked example of docs/signing.md", () => {
    const page = readFileSync(new URL("../../../docs/signing.md", import.meta.url), "utf8");
    const shown = /<!-- vector: signed-read -->\n```text\n([\s\S]*?)```/.exec(page)?.[1] ?? "";
    const { signedBytes, authorization, body } = named("a wallet");
    expect(`1a${Buffer.from(shown).toString("hex")}`).toBe(signedBytes);
    expect(page).toContain(`with the body \`${Buffer.from(body, "hex")}\``);
    const [, signature = expect.fail(authorization)] = /signature=(\w+)/.exec(authorization) ?? [];
    expect(page.replaceAll(/\s/g, "")).toContain(`signature${signature}`);
  });

  it.each(VECTORS.map((vector) => [vector.verdict, vector.name, vector] as const))(
    "is judged as %s: %s",
    async (expected, _, vector) => {
      expect(await verdict(vector)).toBe(expected);
    },
  );

  it("gives reads of that wallet, and at every other call no scope at all", async () => {
    expect(SIGNED_READS).toHaveLength(4);
    for (const call of SIGNED_READS) {
      const read = VECTORS.find((one) => one.verdict === "accepted" && one.call === call);
      expect(await show(read ?? expect.fail(call))).toMatchObject({ scopes: new Set(["read"]) });
    }
    const elsewhere = named("signed for a call of another service");
    const call = "countersign.v1.OperatorService/GetWallet";
    expect(await show({ ...elsewhere, call })).toMatchObject({ scopes: new Set() });
  });

  it("is used up by nothing: within its time it may be repeated", async () => {
    for (let i = 0; i < 3; i++) expect(await verdict(named("a wallet"))).toBe("accepted");
  });
});

describe("T14: the check of a signature", () => {
  it("tells a wallet that is not there by nothing: it costs the same check, and gets the same answer", async () => {
    const wrongKey = await show(named("signed with another wallet's key"));
    const absent = await show(named("signed with the right key for a wallet that is not there"));
    expect(absent).toEqual(wrongKey);
    expect(checked).toHaveLength(2);
    // libsodium refuses a key that is no point before it computes anything.
    expect(checked.map(({ publicKey }) => isValidPoint(publicKey))).toEqual([true, true]);
  });

  it("is made for no header that is malformed or out of time, and no wallet is looked up for it", async () => {
    for (const vector of VECTORS.filter((one) => /form|time/.test(one.verdict))) {
      await verdict(vector);
    }
    expect(checked).toEqual([]);
    expect(lookedUp).toEqual([]);
  });

  const wrong = named("signed with another wallet's key");
  const good = named("a wallet");

  async function flood(times: number, addresses: number): Promise<void> {
    for (let i = 0; i < times; i++) await show(wrong, `203.0.113.${i % addresses}`);
  }

  it("is not made beyond the rate of an address, and is again once that has come back", async () => {
    const { burst, perSecond } = LIMITS.signedReads.checksOfAddress;
    await flood(burst, 1);
    const refused = await show(good, "203.0.113.0");
    expect(refused).toMatchObject({ reason: "TOO_MANY_REQUESTS" });
    expect(checked).toHaveLength(burst);
    expect(await show(good, "203.0.113.1")).not.toBeInstanceOf(Refusal);
    monotonic += Math.ceil(1000 / perSecond);
    expect(await show(good, "203.0.113.0")).not.toBeInstanceOf(Refusal);
  });

  it("is left to addresses where one held, however many strangers come", async () => {
    expect(await show(good)).not.toBeInstanceOf(Refusal);
    const { burst } = LIMITS.signedReads.checksOfStrangers;
    await flood(burst * 2, 250);
    // The first one of the owner was a stranger's, too.
    expect(checked).toHaveLength(burst);
    expect(await show(good, "203.0.113.7")).toMatchObject({ reason: "TOO_MANY_REQUESTS" });
    expect(await show(good)).not.toBeInstanceOf(Refusal);
  });

  it("costs a network of owners no more than its share either", async () => {
    const { checksOfKnown } = LIMITS.signedReads;
    const owners = Array.from({ length: 250 }, (_, i) => `198.51.100.${i}`);
    for (const owner of owners) await show(good, owner);
    checked = [];
    for (let i = 0; i < 2 * checksOfKnown.burst; i++) await show(good, owners[i % owners.length]);
    expect(checked).toHaveLength(checksOfKnown.burst);
  });

  it("lets other work have its turn, when many come together", async () => {
    let turns = 0;
    let isOver = false;
    const count = () => {
      turns += 1;
      if (!isOver) setImmediate(count);
    };
    setImmediate(count);
    await Promise.all(Array.from({ length: 160 }, () => show(good)));
    isOver = true;
    expect(turns).toBeGreaterThanOrEqual(9);
  });

  it("takes the full name of the call from the route, not from the caller", async () => {
    expect(await show({ ...good, call: CALL.toLowerCase() })).toBeInstanceOf(Refusal);
  });
});
