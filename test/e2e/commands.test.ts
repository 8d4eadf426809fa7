// The commands of a user on four real nodes: wallets, payments, receipts, and a look at the network. The first commands are
// processes of their own, as in a shell.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EXIT } from "../../src/cli/command.ts";
import { KeptRequests } from "../../src/cli/kept-requests.ts";
import { openWalletKeys } from "../../src/cli/wallet-keys.ts";
import { networkIdOf } from "../../src/ledger/genesis.ts";
import { sha256 } from "../../src/node/base/crypto.ts";
import { loadGenesis } from "../../src/node/files/genesis-file.ts";
import { amount } from "../../src/primitives/amount.ts";
import { parseUuid } from "../../src/primitives/ids.ts";
import { countersign, type Outcome } from "../cli/countersign.ts";
import { countersignHere } from "../cli/in-process.ts";
import { Devnet, type DevnetPlace, leavePlace, newPlace } from "../support/devnet.ts";
import { randomUuid } from "../support/operations.ts";
import { untilSameHeight } from "./agreement.ts";
import { curl } from "./ways.ts";

let place: DevnetPlace;
let devnet: Devnet;

beforeAll(async () => {
  place = await newPlace();
  devnet = await Devnet.start(place);
});

afterAll(async () => {
  await devnet?.stop();
  await leavePlace(place);
});

const network = () => ["--network", place.data];
const wallets = (folder = "wallets") => ["--wallets", join(place.home, folder)];

/** Runs a command that must succeed, and reads its JSON. */
async function json(...args: string[]) {
  const { code, out, error } = await countersignHere([...args, "--json"]);
  expect({ code, error }).toEqual({ code: EXIT.ok, error: expect.anything() });
  return JSON.parse(out);
}

async function ownWallet(balance: string): Promise<string> {
  const flags = ["--initial-balance", balance, ...wallets(), ...network()];
  return (await json("wallet", "create", ...flags)).creation.walletId;
}

async function balanceOf(wallet: string): Promise<string> {
  return (await json("wallet", "show", wallet, ...network())).wallet.balance;
}

function expectError({ code, out, error }: Outcome, exitCode: number, line: RegExp): void {
  expect({ code, out }).toEqual({ code: exitCode, out: "" });
  expect(error).toMatch(line);
  // The id of an order is printed before anything else.
  const lines = error
    .trimEnd()
    .split("\n")
    .filter((text) => !/^payment [0-9a-f-]{36};/.test(text));
  expect(lines).toHaveLength(1);
}

describe("countersign cancel", () => {
  const cancel = (from: string, id: string, ...more: string[]) => {
    const asked = ["cancel", "--from", from, "--id", id, ...more];
    return countersignHere([...asked, ...wallets(), ...network()]);
  };

  it("ends the doubt about a payment that was signed and never sent: it is never made, and the receipt verifies offline", async () => {
    const [payer, payee] = [await ownWallet("100"), await ownWallet("0")];
    const id = randomUuid();
    const terms = ["--from", payer, "--to", payee, "--amount", "5", "--id", id];
    const deadline = `${Date.now() + 600_000}`;
    const more = ["--valid-until", deadline, ...wallets(), ...network()];
    const signed = await countersignHere(["sign", ...terms, ...more]);
    const cancelled = await cancel(payer, id, "--valid-until", deadline);
    expect(cancelled, cancelled.error).toMatchObject({ code: EXIT.ok });
    expect(cancelled.out).toMatch(
      /^the payment is never made: this holds for each payment under the id with a deadline from \S+ to \S+\nreceipt +valid: applied, sealed\ncancelled +the payment under this id/,
    );
    const again = JSON.parse((await cancel(payer, id, "--node", "node3", "--json")).out);
    expect(again).toMatchObject({
      outcome: "never",
      answer: { cancellation: { from: payer, id } },
      covers: { earliest: expect.stringMatching(/^\d+$/), latest: expect.stringMatching(/^\d+$/) },
    });
    expect(BigInt(again.covers.latest)).toBeGreaterThanOrEqual(BigInt(deadline));
    const file = join(place.home, "never.json");
    writeFileSync(file, JSON.stringify(again.answer));
    const genesis = ["--genesis", join(place.data, "genesis.json")];
    const verified = await countersignHere(["receipt", "verify", file, ...genesis]);
    expect(verified, verified.error).toMatchObject({ code: EXIT.ok, error: "" });
    expect(verified.out).toContain("which is never made");
    const late = await curl(devnet, 1, { path: "transaction", body: signed.out });
    expect(late.body).toContain("PAYMENT_CANCELLED");
    expect(await balanceOf(payer)).toBe("100");
    const listed = await countersignHere(["history", ...network()]);
    expect(listed.out).toMatch(new RegExp(`${payer} +\\(cancelled\\) +applied +${id}`));
    const found = await json("receipt", "get", "--from", payer, "--id", id, ...network());
    expect(found.cancellation).toMatchObject({ id });
  });

  it("shows a payment that was made before, and leaves it as it is", async () => {
    const [payer, payee] = [await ownWallet("100"), await ownWallet("0")];
    const id = randomUuid();
    const terms = ["--from", payer, "--to", payee, "--amount", "5", "--id", id];
    await json("transfer", ...terms, ...wallets(), ...network());
    const { code, out, error } = await cancel(payer, id);
    expect(code, error).toBe(EXIT.declined);
    expect(out).toMatch(
      /^the payment was made before, and stands\nreceipt +valid: applied, sealed\ntransfer /,
    );
    expect(await balanceOf(payer)).toBe("95");
  });

  it("knows the deadline of a payment that transfer keeps, and transfer then knows that it is never made", async () => {
    const [payer, payee] = [await ownWallet("100"), await ownWallet("0")];
    const [from, to] = [payer, payee].map((text) => parseUuid(text) ?? expect.fail());
    const id = randomUuid();
    const folder = join(place.home, "wallets");
    const genesis = loadGenesis(join(place.data, "genesis.json"));
    const keys = await openWalletKeys(
      "test",
      { wallets: folder, "passphrase-file": undefined },
      false,
    );
    const own = await keys?.load(networkIdOf(sha256, genesis), from ?? expect.fail());
    await keys?.close();
    const validUntil = Date.now() + 120_000;
    const terms = { id, to: to ?? expect.fail(), asset: "EUR", amount: amount(5n), validUntil };
    // As an earlier command leaves it that got no answer.
    const keep = () => new KeptRequests("test", folder).sign(own?.wallet ?? expect.fail(), terms);
    const kept = join(folder, "unsettled", `${payer}.${id}.json`);
    await keep();
    const { code, out, error } = await cancel(payer, id, "--json");
    expect({ code, error }).toEqual({ code: EXIT.ok, error: expect.anything() });
    expect(JSON.parse(out)).toMatchObject({ outcome: "never" });
    expect(existsSync(kept)).toBe(false);
    await keep();
    const given = ["--from", payer, "--to", payee, "--amount", "5", "--id", id];
    const again = await countersignHere(["transfer", ...given, ...wallets(), ...network()]);
    expectError(
      again,
      EXIT.refused,
      /payment \S+ was cancelled, and is never made; .* choose a new id/,
    );
    expect(existsSync(kept)).toBe(false);
    expect(await balanceOf(payer)).toBe("100");
  });

  it("says of a payment whose time is over that it is void, by the word of enough nodes, and orders nothing", async () => {
    const [payer, payee] = [await ownWallet("100"), await ownWallet("0")];
    const [id, paid] = [randomUuid(), randomUuid()];
    // Its window ended before this network was made.
    const over = ["--valid-until", "1790000000000"];
    const { code, out, error } = await cancel(payer, id, ...over);
    expect({ code, error }).toEqual({ code: EXIT.ok, error: "" });
    const [, said = ""] = /^payment \S+ is void: .* according to (.*)\. Nothing/.exec(out) ?? [];
    const nodes = said.split(", ");
    // More than f of four; a node that has not heard of the new wallet yet says nothing.
    expect(nodes.length, out).toBeGreaterThan(1);
    expect(nodes).toEqual(["node1", "node2", "node3", "node4"].filter((id) => nodes.includes(id)));
    const terms = ["--from", payer, "--to", payee, "--amount", "5", "--id", paid];
    await json("transfer", ...terms, ...wallets(), ...network());
    const made = await cancel(payer, paid, ...over);
    expect(made, made.error).toMatchObject({ code: EXIT.declined });
    expect(made.out).toContain("was made before, and stands");
    const { out: listed } = await countersignHere(["history", ...network()]);
    expect(listed).not.toContain(id);
  });

  it("gives a refused cancellation another exit code than a payment that was made or is void", async () => {
    const [payer, id] = [await ownWallet("100"), randomUuid()];
    const refused = await cancel(payer, id, "--valid-until", "99999999999999");
    expect(refused.code).toBe(EXIT.refused);
    expect(refused.error).toMatch(
      /WINDOW_TOO_FAR.* The outcome of the payment is as unknown as before/,
    );
  });
});

describe("a person at the command line", () => {
  it("creates wallets with own keys, pays, and keeps a receipt that verifies offline", async () => {
    const [alice, bob] = [await ownWallet("1000"), await ownWallet("0")];
    const id = randomUuid();
    const pay = ["transfer", "--from", alice, "--to", bob, "--amount", "25", "--id", id];
    const first = await countersign([...pay, ...wallets(), ...network()]);
    expect(first.out).toMatch(
      /^receipt +valid: applied, sealed\ntransfer +0\.25 EUR \(25 minor units\)\n/,
    );
    const fetched = await countersign([
      "receipt",
      "get",
      "--from",
      alice,
      "--id",
      id,
      ...network(),
    ]);
    const file = join(place.home, "receipt.json");
    writeFileSync(file, fetched.out);
    const genesis = ["--genesis", join(place.data, "genesis.json")];
    const verified = await countersign(["receipt", "verify", file, ...genesis]);
    expect(verified).toMatchObject({ code: EXIT.ok, error: "", out: first.out });
    const { wallets: listed } = await json("wallet", "list", ...wallets(), ...network());
    expect(listed).toContainEqual({ id: alice, asset: "EUR", balance: "975", entries: "2" });
    expect(listed).toContainEqual({ id: bob, asset: "EUR", balance: "25", entries: "2" });
  });

  it("reads keys and ids in one written form, wherever they are shown", async () => {
    const [payer, payee] = [await ownWallet("1"), await ownWallet("0")];
    const pay = ["transfer", "--from", payer, "--to", payee, "--amount", "1"];
    const shown = {
      genesis: await countersignHere(["genesis", "inspect", devnet.genesisFile]),
      hash: await countersignHere(["genesis", "hash", devnet.genesisFile]),
      network: await countersignHere(["network", ...network()]),
      payment: await countersignHere([...pay, ...wallets(), ...network()]),
      wallet: await countersignHere(["wallet", "show", payer, ...network()]),
      statement: await countersignHere(["statement", payer, "--limit", "1", ...network()]),
    };
    const networkId = shown.hash.out.trim();
    expect(networkId).toMatch(/^[0-9a-f]{64}$/);
    for (const place of ["genesis", "network", "payment"] as const) {
      expect(shown[place].out, place).toContain(networkId);
    }
    const groupKey = /^group key +([0-9a-f]{64})$/m.exec(shown.payment.out)?.[1] ?? "none";
    expect(shown.network.out).toContain(groupKey);
    expect(devnet.output).toContain(groupKey);
    const identities = shown.network.out.match(/[0-9a-f]{64}$/gm) ?? [];
    expect(identities.length).toBeGreaterThanOrEqual(4);
    for (const key of identities)
      expect(`${shown.genesis.out}${groupKey}${networkId}`).toContain(key);
    expect(shown.wallet.out).toMatch(/^key +[0-9a-f]{64}$/m);
    expect(shown.statement.out).toContain(payee);
    for (const { out } of Object.values(shown)) expect(out).not.toMatch(/[A-Za-z0-9+/]{43}=/);
  });

  it("pays from a custodial wallet through its custodian, found without being named", async () => {
    const custodial = ["--custodial", "--initial-balance", "80", "--node", "node3"];
    const created = await json("wallet", "create", ...custodial, ...wallets(), ...network());
    const [payer, payee] = [created.creation.walletId, await ownWallet("0")];
    const pay = ["transfer", "--from", payer, "--to", payee, "--amount", "80"];
    const { result } = await json(...pay, ...wallets(), ...network());
    expect(result.status).toBe("RESULT_STATUS_APPLIED");
    // The custodian has answered, and another node shows the wallet.
    await untilSameHeight(devnet);
    expect(await balanceOf(payer)).toBe("0");
    const kept = await json("wallet", "list", "--custodial", "--node", "node3", ...network());
    expect(kept.wallets).toContainEqual(expect.objectContaining({ id: payer, custodian: "node3" }));
    const all = await json("wallet", "list", "--all", "--limit", "1000", ...network());
    const ids = all.wallets.map(({ id }: { readonly id: string }) => id);
    expect(ids).toEqual(expect.arrayContaining([payer, payee]));
  });

  it("signs offline what anybody can send, once", async () => {
    const [payer, payee] = [await ownWallet("10"), await ownWallet("0")];
    const signing = ["sign", "--from", payer, "--to", payee, "--amount", "4", ...wallets()];
    const { out: request } = await countersignHere([...signing, ...network()]);
    for (const node of [1, 2]) {
      const { body } = await curl(devnet, node, { path: "transaction", body: request });
      expect(JSON.parse(body).result.status).toBe("RESULT_STATUS_APPLIED");
    }
    await untilSameHeight(devnet);
    expect(await balanceOf(payer)).toBe("6");
  });

  it("repeats a payment by its id without paying twice, and tells a creation's receipt", async () => {
    const [payer, payee] = [await ownWallet("10"), await ownWallet("0")];
    const terms = ["--from", payer, "--to", payee, "--amount", "3", "--id", randomUuid()];
    const until = ["--valid-until", String(Date.now() + 600_000)];
    const pay = ["transfer", ...terms, ...until, ...wallets(), ...network()];
    const answers = [await json(...pay), await json(...pay, "--node", "node4")];
    expect(answers[1].receipt.leaf).toBe(answers[0].receipt.leaf);
    expect(await balanceOf(payer)).toBe("7");
    const { creation } = await json("receipt", "get", "--wallet", payer, ...network());
    expect(creation).toMatchObject({ walletId: payer, initialBalance: "10" });
    const resumed = await json("wallet", "create", "--resume", payee, ...wallets(), ...network());
    expect(resumed.creation.walletId).toBe(payee);
  });

  it("measures a short load, and bounds it", async () => {
    const load = await json("bench", "--seconds", "1", "--payers", "4", ...network());
    // Each payer pays once at least; how often more, the machine decides.
    expect(load.count).toBeGreaterThanOrEqual(4);
    expect(load.perSecond).toBeCloseTo(load.count / (load.elapsedMs / 1000), 3);
    expect(load.p99Ms).toBeGreaterThanOrEqual(load.p50Ms);
    const long = await countersignHere(["bench", "--seconds", "601", ...network()]);
    expectError(long, EXIT.usage, /--seconds is "601", but must be a whole number from 1 to 600/);
  });

  it("says in one line what was refused, why, and what to do", async () => {
    const [payer, payee] = [await ownWallet("5"), await ownWallet("0")];
    const pay = (amount: string, ...more: string[]) =>
      countersignHere(["transfer", "--from", payer, "--to", payee, "--amount", amount, ...more]);
    const all = [...wallets(), ...network()];
    const short = await pay("6", ...all);
    expectError(short, EXIT.refused, /node1 refused: .*\[INSUFFICIENT_FUNDS\]. Pay at most/);
    expectError(
      await pay("0.5", ...all),
      EXIT.usage,
      /--amount is "0.5", but must be an amount with its currency/,
    );
    expectError(
      await pay("1", ...all, "--node", "node9"),
      EXIT.usage,
      /the genesis knows node1 \(/,
    );
    const keyless = await pay("1", ...wallets("none"), ...network());
    expectError(keyless, EXIT.refused, /signature is missing .*\[MISSING_FIELD\]/);
    const nowhere = await countersignHere(["status", "--network", join(place.home, "nowhere")]);
    expectError(nowhere, EXIT.failed, /genesis.json.*npm start.*--network DIR/);
    const unknown = await countersignHere(["wallet", "show", randomUuid(), ...network()]);
    expectError(unknown, EXIT.refused, /there is no wallet .*\[UNKNOWN_WALLET\]/);
  });

  it("sees all nodes in one table, the network's rules and a node's peers", async () => {
    const table = await countersignHere(["status", ...network()]);
    expect(table.code).toBe(EXIT.ok);
    expect(table.out).toMatch(/^node +address +state +height +lag +view +sealed +peers +pending/);
    expect(table.out.match(/^node[1-4] +127\.0\.0\.1:[0-9]+ +ready /gm)).toHaveLength(4);
    expect(table.out).toContain("4 of 4 nodes are ready, 3 are a quorum");
    const { ready, nodes } = await json("status", ...network());
    expect({ ready, nodes: nodes.length }).toEqual({ ready: true, nodes: 4 });
    const { groupPublicKey, members } = await json("network", ...network());
    expect(groupPublicKey).toMatch(/^[A-Za-z0-9+/]{43}=$/);
    expect(members).toHaveLength(4);
    const { peers } = await json("peers", "--node", "node2", ...network());
    expect(peers.map(({ nodeId }: { nodeId: string }) => nodeId)).toEqual([
      "node1",
      "node3",
      "node4",
    ]);
  });

  it("pays a file of payments, once, however often the command is repeated", async () => {
    const [payer, payee] = [await ownWallet("100"), await ownWallet("0")];
    const file = join(place.home, "payments.csv");
    const rows = [10, 20, 15].map((sum) => `${payee},${sum},"rent, ""May"""`);
    const pay = ["transfer", "--from", payer, "--file", file, ...wallets(), ...network()];
    writeFileSync(file, `to,amount,reference\n${rows.join("\n")}\n`);
    expect(await json(...pay)).toMatchObject({ payments: 3, applied: 3, declined: 0, unsealed: 0 });
    // As after a crash that cut the last line off: it was signed under the same id.
    const journal = readFileSync(`${file}.signed`, "utf8");
    writeFileSync(`${file}.signed`, journal.slice(0, -100));
    expect(await json(...pay)).toMatchObject({ applied: 3 });
    expect(await balanceOf(payee)).toBe("45");
    // Lines at the end are further payments; one of them is more than there is.
    const more = [`${payee},5,`, `${payee},1000,`];
    writeFileSync(file, `to,amount,reference\n${[...rows, ...more].join("\n")}\n`);
    const grown = await countersignHere(pay);
    expect(grown.code).toBe(EXIT.refused);
    expect(grown.out).toMatch(
      /^5 payments of \S+: 4 applied, 1 refused\npayment 5: refused: .*INSUFFICIENT_FUNDS/,
    );
    expect(await balanceOf(payee)).toBe("50");
    writeFileSync(file, `to,amount,reference\n${[...more, ...rows].join("\n")}\n`);
    const moved = await countersignHere(pay);
    expect(moved).toMatchObject({ code: EXIT.failed, out: "" });
    expect(moved.error).toMatch(/payment 1 of .* is not what was signed for it/);
    expect(await balanceOf(payee)).toBe("50");
  });

  it("tells a network without a quorum by its exit code, and an unknown outcome by another", async () => {
    const [payer, payee] = [await ownWallet("5"), await ownWallet("0")];
    await devnet.stop();
    const table = await countersignHere(["status", ...network()]);
    expect(table.code).toBe(EXIT.failed);
    expect(table.out).toMatch(/0 of 4 nodes are ready/);
    const id = randomUuid();
    const terms = ["--from", payer, "--to", payee, "--amount", "1", "--id", id];
    const lost = await countersignHere(["transfer", ...terms, ...wallets(), ...network()]);
    expectError(
      lost,
      EXIT.unknown,
      new RegExp(`outcome of payment ${id} is unknown: no answer .* --id ${id}`),
    );
  });
});
