// Lists of a node that lies, and of one that still fills in its history, as commands show them.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EXIT } from "../../src/cli/command.ts";
import { formatGenesis } from "../../src/ledger/genesis-json.ts";
import { height } from "../../src/primitives/numbers.ts";
import type { LedgerApi } from "../../src/transport/ledger-api.ts";
import type { EntryInfo } from "../../src/transport/ledger-lists.ts";
import { Refusal } from "../../src/transport/refusal.ts";
import { createGenesis } from "../ledger/fixture.ts";
import { type Gateway, openGateway } from "../transport/gateway.ts";
import { createLedgerDouble, walletA } from "../transport/ledger-double.ts";
import { countersignHere } from "./in-process.ts";

const honest = createLedgerDouble();
let gateway: Gateway;

beforeAll(async () => {
  gateway = await openGateway();
  const genesis = createGenesis();
  const validators = genesis.validators.map((validator) =>
    validator.index === 0
      ? { ...validator, clientAddress: `127.0.0.1:${gateway.listener.port}` }
      : validator,
  );
  const text = formatGenesis({ ...genesis, validators });
  await writeFile(join(gateway.folder, "genesis.json"), text);
});
afterAll(() => gateway?.close());

function command(...words: string[]) {
  const { folder } = gateway;
  const network = ["--network", folder, "--node", "node-1"];
  return countersignHere([...words, ...network, "--wallets", join(folder, "no-wallets")]);
}

/** The node lists wallets of these ids, on one page. */
function listWallets(ids: readonly string[], completeFrom = 1): void {
  const list: LedgerApi["listWallets"] = async (query, call) => {
    const answer = await honest.listWallets(query, call);
    if (answer instanceof Refusal) return answer;
    const [wallet] = answer.wallets;
    const wallets = ids.map((id) => ({ ...wallet, id }) as (typeof answer.wallets)[number]);
    return { ...answer, wallets, nextCursor: undefined, completeFrom: height(completeFrom) };
  };
  Object.assign(gateway.ledger, { listWallets: list });
}

/** The node lists one entry, with these fields. */
function listEntry(fields: object): void {
  const list: LedgerApi["listEntries"] = async (query, call) => {
    const answer = await honest.listEntries(query, call);
    if (answer instanceof Refusal) return answer;
    const entries = answer.entries.map((entry): EntryInfo => ({ ...entry, ...fields }));
    return { ...answer, entries, nextCursor: undefined };
  };
  Object.assign(gateway.ledger, { listEntries: list });
}

describe("a node that lies", () => {
  it("is named, with what is wrong in its list, and nothing that it says steers a terminal", async () => {
    listWallets(["b", "a\u001b[2J"]);
    expect(await command("wallet", "list", "--all")).toEqual({
      code: EXIT.failed,
      out: "",
      error:
        "countersign: wallet list: node-1: wallet a\\u{1b}[2J is out of its order; ask another node with --node\n",
    });
  });

  it("does not make a statement of an asset that the network does not have", async () => {
    listEntry({ asset: "\u202eRUE" });
    const { code, error } = await command("export", walletA);
    expect(code).toBe(EXIT.failed);
    expect(error).toMatch(
      /^countersign: export: an entry is in "\\u\{202e\}RUE", which .* not whole/,
    );
  });

  it("gives a spreadsheet no formula in an id or a counterparty", async () => {
    listEntry({ counterparty: "=1+1", id: "@SUM(A1)" });
    const { code, out } = await command("export", walletA);
    expect(code).toBe(EXIT.ok);
    expect(out.split("\n")[1]).toMatch(/,EUR,'=1\+1,lunch,'@SUM\(A1\),7,1,$/);
  });
});

describe("a node that still fills in its history", () => {
  it("may lack own wallets, and no other node has them", async () => {
    listWallets([walletA], 5);
    const { code, out, error } = await command("wallet", "list", "--custodial");
    expect([code, error]).toEqual([
      EXIT.ok,
      "wallet list: this node still fills in its history; wallets created below height 5 may be missing; ask again later\n",
    ]);
    expect(out).toContain(walletA);
  });
});
