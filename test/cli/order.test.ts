// An order at the command line with an unknown outcome: the command says so, continues with the same bytes, and never
// makes a new order.
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { scopesOfSignedRead } from "../../src/access/call-scopes.ts";
import { OPEN_CALLER, walletPrincipal } from "../../src/access/principal.ts";
import { parseReadCredential } from "../../src/access/signed-read.ts";
import { commandAgain } from "../../src/cli/again.ts";
import { EXIT } from "../../src/cli/command.ts";
import { openWalletKeys } from "../../src/cli/wallet-keys.ts";
import { networkIdOf } from "../../src/ledger/genesis.ts";
import { formatGenesis } from "../../src/ledger/genesis-json.ts";
import { sha256 } from "../../src/node/base/crypto.ts";
import type { Authenticator } from "../../src/transport/authenticator.ts";
import { Refusal, type RefusalReason } from "../../src/transport/refusal.ts";
import { createGenesis } from "../ledger/fixture.ts";
import { randomUuid } from "../support/operations.ts";
import { type Gateway, openGateway } from "../transport/gateway.ts";
import { header, walletA } from "../transport/ledger-double.ts";
import { countersignHere as countersign } from "./in-process.ts";

const run = promisify(execFile);

let folder: string;
let wallets: string;
let gateways: [Gateway, Gateway];
let wallet: string;
let network: string[];

/** Calls that a wallet signed are its own. */
const authenticator: Authenticator = {
  authenticate: async ({ authorization = "", call }) => {
    const read = parseReadCredential(authorization);
    if (read === undefined) return OPEN_CALLER;
    const { wallet: owner, bodyDigest } = read;
    const scopes = scopesOfSignedRead(call);
    return { principal: walletPrincipal(owner), scopes, bodyDigest, holdsMs: 60_000 };
  },
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "countersign-order-"));
  wallets = join(folder, "my wallets");
  gateways = [await openGateway({ authenticator }), await openGateway({ authenticator })];
  // Two nodes that answer, and two that are away.
  const addresses = [...gateways.map(({ listener }) => `localhost:${listener.port}`)];
  addresses.push("127.0.0.1:1", "localhost:1");
  const genesis = createGenesis();
  const validators = genesis.validators.map((validator, place) => {
    return { ...validator, clientAddress: addresses[place] ?? "" };
  });
  const changed = { ...genesis, validators };
  await writeFile(join(folder, "genesis.json"), formatGenesis(changed));
  const authorities = await Promise.all(gateways.map(({ caFile }) => readFile(caFile, "utf8")));
  await writeFile(join(folder, "ca.pem"), authorities.join(""));
  const options = { wallets, "passphrase-file": undefined };
  const keys = await openWalletKeys("test", options, true);
  const kept = await keys?.create(networkIdOf(sha256, changed), Date.now());
  await keys?.close();
  wallet = kept?.wallet.id ?? "";
  network = ["--network", folder, "--wallets", wallets];
});

afterAll(async () => {
  for (const gateway of gateways) await gateway.close();
  await rm(folder, { recursive: true });
});

beforeEach(() => {
  for (const gateway of gateways) gateway.reset();
});

const refusing = (reason: RefusalReason) => async () => new Refusal(reason, { message: "no" });

const terms = (id: string, amount = "5") => {
  return ["--from", wallet, "--to", id.replace(/^./, "0"), "--amount", amount, "--id", id];
};

const pay = (id: string, ...more: string[]) =>
  countersign(["transfer", ...terms(id), "--node", "node-1", ...network, ...more]);

const unsettled = () => readdir(join(wallets, "unsettled"));

/**
 * A node that is past every deadline, refuses to order, and shows the payer's wallet and payments to the payer alone, as one with
 * access control does. `receipt` is its answer to the payer.
 */
function late({ ledger }: Gateway, receipt: "none" | "kept", hides = false): void {
  const { getReceipt, getWallet, transfer } = ledger;
  const no = (reason: RefusalReason) => new Refusal(reason, { message: "no" });
  const isPayer = (principal: string) => principal === `wallet:${wallet}` && !hides;
  ledger.transfer = async (query, call) => {
    ledger.asked.push({ what: "transfer", query, call });
    return no("WINDOW_PAST");
  };
  ledger.getWallet = async ({ id }, call) => {
    const answer = await getWallet({ id: walletA }, call);
    if (answer instanceof Refusal || !isPayer(call.caller.principal)) return no("UNKNOWN_WALLET");
    return { ...answer, ...(answer.wallet && { wallet: { ...answer.wallet, id } }) };
  };
  ledger.getReceipt = (query, call) =>
    isPayer(call.caller.principal) && receipt === "kept"
      ? getReceipt(query, call)
      : Promise.resolve(no("NOT_FOUND"));
  onTestFinished(() => void Object.assign(ledger, { getReceipt, getWallet, transfer }));
}

const sent = (gateway: Gateway) =>
  gateway.ledger.asked.flatMap(({ what, query }) => (what === "transfer" ? [query] : []));

describe("a payment", () => {
  it.each([
    "OUTCOME_UNKNOWN",
    "DEADLINE_EXCEEDED",
    "INTERNAL",
    "SHUTTING_DOWN",
    "CANCELED",
  ] as const)(
    "that a node answers with %s is of unknown outcome, names its id and continues with the same bytes",
    async (reason) => {
      const [gateway] = gateways;
      const id = randomUuid();
      gateway.ledger.answer = refusing(reason);
      const first = await pay(id);
      expect(first).toMatchObject({ code: EXIT.unknown, out: "" });
      const [announced, told] = first.error.trimEnd().split("\n");
      expect(announced).toMatch(new RegExp(`^payment ${id}; .* by: countersign transfer --from`));
      expect(told).toMatch(
        new RegExp(`^countersign: transfer: the outcome of payment ${id} is unk`),
      );
      expect(told).not.toContain("refused");
      const [, again = ""] = /continue it by: countersign (.*)$/.exec(told ?? "") ?? [];
      expect(announced).toContain(again);

      const file = join(wallets, "unsettled", `${wallet}.${id}.json`);
      expect((await stat(file)).mode & 0o777).toBe(0o600);
      // Splits a command as a shell does, with blanks in a path.
      const { stdout } = await run("bash", ["-c", `printf '%s\\0' ${again}`]);
      const second = await countersign(stdout.split("\0").slice(0, -1));
      expect(second.code).toBe(EXIT.unknown);
      const [one, two] = sent(gateway);
      expect(two).toEqual(one);
      expect(await unsettled()).toContain(`${wallet}.${id}.json`);
    },
  );

  it("of unknown outcome is told to a program with its id and the command", async () => {
    const id = randomUuid();
    gateways[0].ledger.answer = refusing("OUTCOME_UNKNOWN");
    const { code, out, error } = await pay(id, "--json");
    expect({ code, out }).toEqual({ code: EXIT.unknown, out: "" });
    const [announced, told] = error
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    const again = expect.stringContaining(`--id ${id}`);
    expect(announced).toEqual({ order: { kind: "payment", id, continue: again } });
    expect(told.error).toMatchObject({ exitCode: 5, outcome: "unknown", id, continue: again });
  });

  it("has its id printed when none was given", async () => {
    gateways[0].ledger.answer = refusing("OUTCOME_UNKNOWN");
    const flags = ["--from", wallet, "--to", randomUuid(), "--amount", "1", "--node", "node-1"];
    const { error } = await countersign(["transfer", ...flags, ...network]);
    const [, id] = /^payment (\S+);/.exec(error) ?? [];
    expect(error.match(new RegExp(`--id ${id}`, "g"))).toHaveLength(2);
  });

  it("that one gateway refuses is never signed a second time: it may have passed it on all the same", async () => {
    const id = randomUuid();
    const [gateway] = gateways;
    gateway.ledger.answer = refusing("INSUFFICIENT_FUNDS");
    expect(await pay(id)).toMatchObject({ code: EXIT.refused });
    expect(await pay(id)).toMatchObject({ code: EXIT.unknown });
    const [first, second] = sent(gateway);
    expect(second).toBeDefined();
    expect(second).toEqual(first);
    expect(await unsettled()).toContain(`${wallet}.${id}.json`);
  });

  it("that may have left is not called refused by a refusal", async () => {
    const id = randomUuid();
    const [first, second] = gateways;
    first.ledger.answer = refusing("SHUTTING_DOWN");
    second.ledger.answer = refusing("INSUFFICIENT_FUNDS");
    const anywhere = ["transfer", ...terms(id), ...network];
    for (let attempt = 1; attempt <= 2; attempt++) {
      const { code, error } = await countersign(anywhere);
      expect(code).toBe(EXIT.unknown);
      expect(error).toMatch(/may have been sent before, and now node-2: no \[INSUFFICIENT_FUNDS\]/);
    }
    expect(await unsettled()).toContain(`${wallet}.${id}.json`);
  });

  it("whose answer proves nothing is of unknown outcome", async () => {
    const id = randomUuid();
    const { code, error } = await pay(id);
    expect(code).toBe(EXIT.unknown);
    expect(error).toMatch(/is unknown: the node's answer does not prove itself: .*--id/);
  });

  it("cannot be replaced by another one under its id while its outcome is unknown", async () => {
    const id = randomUuid();
    gateways[0].ledger.answer = refusing("OUTCOME_UNKNOWN");
    await pay(id);
    gateways[0].reset();
    for (const command of ["transfer", "sign"]) {
      const other = await countersign([command, ...terms(id, "6"), ...network]);
      expect(other).toMatchObject({ code: EXIT.usage, out: "" });
      expect(other.error).toMatch(/another signed payment whose outcome is unknown/);
    }
    expect(sent(gateways[0])).toEqual([]);
  });

  it("is signed once, however often it is printed", async () => {
    const id = randomUuid();
    const sign = () => countersign(["sign", ...terms(id), ...network]);
    const first = await sign();
    expect(first).toMatchObject({ code: EXIT.ok, error: "" });
    expect(await sign()).toEqual(first);
    gateways[0].ledger.answer = refusing("OUTCOME_UNKNOWN");
    await pay(id);
    const [{ transfer, signature }] = sent(gateways[0]) as [
      { transfer: { validUntil: number }; signature: Uint8Array },
    ];
    expect(JSON.parse(first.out)).toMatchObject({
      transaction: { validUntil: `${transfer.validUntil}` },
      signature: Buffer.from(signature).toString("base64"),
    });
  });

  it("is void when f + 1 nodes are past its deadline without it, and not by the word of one", async () => {
    const id = randomUuid();
    const [first, second] = gateways;
    first.ledger.answer = refusing("OUTCOME_UNKNOWN");
    await pay(id, "--valid-until", "1000");
    first.reset();
    late(first, "none");
    second.ledger.answer = refusing("NOT_READY");
    expect(await pay(id)).toMatchObject({ code: EXIT.unknown });
    second.reset();
    late(second, "none");
    const isVoid = await pay(id);
    expect(isVoid.code).toBe(EXIT.refused);
    expect(isVoid.error).toMatch(/is void: .* according to node-1, node-2\. Nothing was paid/);
    expect(await unsettled()).not.toContain(`${wallet}.${id}.json`);
  });

  it.each([
    ["has its receipt, and hides it from all but the payer", "kept", false],
    ["does not show the payer's wallet to the payer", "none", true],
  ] as const)("is not void by the word of one and of a node that %s", async (_, receipt, hides) => {
    const id = randomUuid();
    const [liar, honest] = gateways;
    liar.ledger.answer = refusing("OUTCOME_UNKNOWN");
    await pay(id, "--valid-until", "1000");
    liar.reset();
    late(liar, "none");
    late(honest, receipt, hides);
    expect(await pay(id)).toMatchObject({ code: EXIT.unknown });
    expect(await unsettled()).toContain(`${wallet}.${id}.json`);
  });

  it("is not void before a final block is past its deadline", async () => {
    const id = randomUuid();
    for (const gateway of gateways) late(gateway, "none");
    await pay(id, "--valid-until", `${header.time}`);
    expect(await pay(id)).toMatchObject({ code: EXIT.unknown });
  });
});

describe("a wallet's creation", () => {
  it("of unknown outcome goes on with the same wallet, at the node that signs for its money", async () => {
    const [gateway] = gateways;
    gateway.ledger.answer = refusing("OUTCOME_UNKNOWN");
    const create = ["wallet", "create", "--initial-balance", "7", ...network];
    const { code, error } = await countersign(create);
    expect(code).toBe(EXIT.unknown);
    const [, id] = /^wallet (\S+);/.exec(error) ?? [];
    expect(error).toMatch(
      new RegExp(`by: countersign wallet create --initial-balance 7 --resume ${id} --node node-1 `),
    );
    const resume = ["--resume", id ?? "", "--node", "node-1"];
    await countersign([...create, ...resume]);
    const [one, two] = gateway.ledger.asked.map(({ query }) => query);
    expect(two).toEqual(one);
  });

  it("in a node's custody has an id that is chosen here", async () => {
    const [gateway] = gateways;
    gateway.ledger.answer = refusing("OUTCOME_UNKNOWN");
    const create = ["wallet", "create", "--custodial", ...network];
    const { code, error } = await countersign(create);
    expect(code).toBe(EXIT.unknown);
    const [, id = ""] = /^creation (\S+);/.exec(error) ?? [];
    expect(error).toContain(`--custodial --id ${id} --node node-1`);
    await countersign([...create, "--id", id]);
    const [one, two] = gateway.ledger.asked.map(({ query }) => query);
    expect(one).toMatchObject({ creationId: id });
    expect(two).toEqual(one);
  });
});

it("a command is written so that a shell reads every argument back", async () => {
  const words = ["", "it's", "a\nb", "\u001b[2J'\\1", "-x", "\u202e7", "ü $HOME `ls` !", "~", "=x"];
  const kinds = { kind: "text", value: "V", summary: "" } as const;
  for (const word of words) {
    const line = commandAgain("x", { one: kinds, two: kinds }, { one: word, two: "7" });
    expect(line).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    const { stdout } = await run("bash", ["-c", `printf '%s\\0' ${line}`]);
    const expected = word.startsWith("-") ? [`--one=${word}`] : ["--one", word];
    const read = ["countersign", "x", ...expected, "--two", "7", ""];
    expect(stdout.split("\0")).toEqual(read);
  }
});
