/**
 * A process to be killed: it writes commits, journal records and custodial operations without end, and reports each
 * acknowledged write on standard output, one line each.
 */
import { writeSync } from "node:fs";
import { utf8 } from "../../src/primitives/bytes.ts";
import { openStore } from "../../src/storage/store-factory.ts";
import { identity } from "./crash-record.ts";
import { sampleCommit } from "./sample-chain.ts";

const [location = ""] = process.argv.slice(2);
const store = await openStore({ engine: "level", location, identity });
const say = (line: string) => writeSync(1, `${line}\n`);

async function commitBlocks(): Promise<never> {
  let top: number = (await store.blocks.loadTip())?.height ?? 0;
  while (true) {
    const last = top + 1 + (top % 3);
    await store.chain.commit(sampleCommit(top + 1, last));
    top = last;
    say(`block ${top}`);
  }
}

async function appendJournal(): Promise<never> {
  let next = (await store.journal.load()).length;
  while (true) {
    const records = Array.from({ length: 1 + (next % 4) }, (_, i) => utf8(`record ${next + i}`));
    next = (await store.journal.append(records)) + records.length;
    say(`journal ${next}`);
  }
}

async function signCustodial(): Promise<never> {
  let next = 0;
  while ((await store.custody.load({ caller: "c", id: `${next}` })) !== undefined) next += 1;
  while (true) {
    await store.custody.putIfAbsent({ caller: "c", id: `${next}` }, utf8(`signed ${next}`));
    next += 1;
    say(`custody ${next}`);
  }
}

say("started");
await Promise.all([commitBlocks(), appendJournal(), signCustodial()]);
