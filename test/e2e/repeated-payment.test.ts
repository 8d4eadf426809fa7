/**
 * Goal: a user who follows the command line's advice after an unknown outcome pays once and sees the first result.
 * Method: real nodes, half of them away until the wait is over, the real command, and the command that it printed.
 */
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { EXIT } from "../../src/cli/command.ts";
import { countersign, type Outcome } from "../cli/countersign.ts";
import { Devnet, leavePlace, newPlace } from "../support/devnet.ts";
import { COUNTERSIGN, GuardedProcess } from "../support/guarded-process.ts";
import { randomUuid } from "../support/operations.ts";

const PATIENCE_MS = 60_000;

let devnet: Devnet;
let payer: string;
let payee: string;

beforeAll(async () => {
  devnet = await Devnet.start(await newPlace());
  [payer, payee] = [await ownWallet("100"), await ownWallet("0")];
});

afterAll(async () => {
  await devnet?.stop();
  if (devnet !== undefined) await leavePlace(devnet.place);
});

const places = () => {
  const { data, home } = devnet.place;
  return ["--network", data, "--wallets", join(home, "wallets")];
};

async function ownWallet(balance: string): Promise<string> {
  const create = ["wallet", "create", "--initial-balance", balance, ...places(), "--json"];
  const { code, out, error } = await countersign(create);
  expect(code, error).toBe(EXIT.ok);
  return JSON.parse(out).creation.walletId;
}

const paying = (...more: string[]) => {
  return ["transfer", "--from", payer, "--to", payee, "--amount", "1", ...more, ...places()];
};

const keptFile = (id: string) =>
  join(devnet.place.home, "wallets", "unsettled", `${payer}.${id}.json`);

async function balanceOf(wallet: string): Promise<bigint | undefined> {
  return (await devnet.calls(0).getWallet({ id: wallet })).wallet?.balance;
}

/** The order that was signed first is ordered and shown; the stored copy is gone. */
function expectFirst({ code, out, error }: Outcome, id: string, validUntil: string): void {
  expect(code, error).toBe(EXIT.ok);
  const { transaction, result } = JSON.parse(out);
  expect(transaction).toMatchObject({ id, validUntil });
  expect(result.status).toBe("RESULT_STATUS_APPLIED");
  expect(() => statSync(keptFile(id))).toThrow("ENOENT");
}

it("the same command again gives the first result, after a wait without a quorum and after a lost gateway", async () => {
  for (const node of [2, 3]) await devnet.kill(node);
  const [waiting, lost] = [randomUuid(), randomUuid()];
  const first = countersign(paying("--id", waiting, "--node", "node1"));
  // The second order is sent, and its gateway dies before it can answer.
  const cut = new GuardedProcess([...COUNTERSIGN, ...paying("--id", lost, "--node", "node2")]);
  const wait = `waiting for node2 to say that payment ${lost} is sealed`;
  await cut.until(() => cut.output.includes(wait), PATIENCE_MS);
  await devnet.kill(1);
  expect(await cut.ended).toMatchObject({ code: EXIT.unknown });
  expect(cut.output).toContain(`the outcome of payment ${lost} is unknown: no answer from node2`);

  const unknown = await first;
  expect(unknown).toMatchObject({ code: EXIT.unknown, out: "" });
  expect(unknown.error).toMatch(
    /\[OUTCOME_UNKNOWN\]\. It may still be ordered\. Do not order it again; continue it/,
  );
  expect(unknown.error).not.toContain("refused");
  const deadlines = [waiting, lost].map((id) => {
    expect(statSync(keptFile(id)).mode & 0o777).toBe(0o600);
    return JSON.parse(readFileSync(keptFile(id), "utf8")).transaction.validUntil;
  });

  for (const node of [1, 2, 3]) await devnet.restart(node);
  expectFirst(await countersign(paying("--id", waiting, "--json")), waiting, deadlines[0]);
  expectFirst(await countersign(paying("--id", lost, "--json")), lost, deadlines[1]);
  await expect.poll(() => balanceOf(payer), { timeout: PATIENCE_MS }).toBe(98n);
  expect(await balanceOf(payee)).toBe(2n);
});

it("a payment that missed its deadline is unknown until a final block is past it, then void, then made by the same command", async () => {
  const id = randomUuid();
  const deadline = Date.now() + 2_000;
  const signing = [
    "sign",
    "--from",
    payer,
    "--to",
    payee,
    "--amount",
    "1",
    "--id",
    id,
    ...places(),
  ];
  expect((await countersign([...signing, "--valid-until", `${deadline}`])).code).toBe(EXIT.ok);
  await expect.poll(() => Date.now(), { timeout: PATIENCE_MS }).toBeGreaterThan(deadline + 1_000);
  const early = await countersign(paying("--id", id));
  expect(early.code).toBe(EXIT.unknown);
  expect(early.error).toContain("the deadline is past");

  const before = await balanceOf(payer);
  expect((await countersign(paying())).code).toBe(EXIT.ok);
  const late = await countersign(paying("--id", id));
  expect(late.code).toBe(EXIT.refused);
  expect(late.error).toMatch(/is void: .* Nothing was paid; the same command signs it again/);
  expect((await countersign(paying("--id", id))).code).toBe(EXIT.ok);
  expect(await balanceOf(payer)).toBe((before ?? 0n) - 2n);
});
