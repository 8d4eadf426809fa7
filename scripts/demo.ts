/**
 * `npm run demo`: starts a network, makes a payment, checks its receipt offline, kills a node, pays again, and
 * removes everything. Exit code 0 only if every step succeeded.
 */

import { DemoFailure, DemoNetwork } from "./demo/network.ts";
import { Story } from "./demo/story.ts";
import { watchOutput } from "./watched-output.ts";

const LIMIT_MS = 120_000;
/** In the demo's own folder. */
const WALLETS = ["--wallets", "wallets"];
const RECEIPT = "receipt.json";

watchOutput("demo");

const story = new Story(process.stdout);
const told = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  // A second Ctrl-C changes nothing: the folder and the processes must still be removed.
  process.on(signal, () => told.abort(new DemoFailure(`told to stop (${signal})`)));
}
const tooLong = setTimeout(() => {
  told.abort(new DemoFailure(`not done after ${LIMIT_MS / 1000} s`));
}, LIMIT_MS);

let network: DemoNetwork | undefined;
try {
  network = new DemoNetwork(story, told.signal);
  await tell(network);
} catch (error) {
  if (!(error instanceof DemoFailure)) throw error;
  story.failed(error.message);
  process.exitCode = 1;
} finally {
  clearTimeout(tooLong);
  await network?.end();
}
if (process.exitCode !== 1) {
  story.chapter("All of it held. Every process has ended, and the folder is gone.");
}

async function tell(demo: DemoNetwork): Promise<void> {
  story.chapter("Four nodes that do not trust one another make one key that none of them holds.");
  const nodes = await demo.start();

  story.chapter("Alice and Bob open wallets. Their keys stay with them.");
  const alice = await createWallet(demo, "1000");
  const bob = await createWallet(demo, "0");

  story.chapter("Alice pays Bob 0.25, and keeps the receipt.");
  const id = crypto.randomUUID();
  await pay(demo, { from: alice, to: bob, amount: "25", id });
  await expectBalance(demo, bob, "25");
  const query = ["receipt", "get", "--from", alice, "--id", id];
  await demo.countersign(query, { into: RECEIPT });

  story.chapter("Anyone checks the receipt offline: by our verifier, and by OpenSSL.");
  const said = await demo.countersign(["receipt", "verify", RECEIPT]);
  demo.expect(said.includes("valid: applied, sealed"), "the receipt is valid and sealed");
  await demo.verifySealByOpenSsl(RECEIPT);

  const victim = nodes.at(-1);
  if (victim === undefined) throw new DemoFailure("there is no node to kill");
  story.chapter(`${victim.id} loses its power (SIGKILL). One of four may fail at any time.`);
  await demo.kill(victim);

  story.chapter("Alice pays again, and the three that are left countersign it.");
  await pay(demo, { from: alice, to: bob, amount: "75", id: crypto.randomUUID() });
  await expectBalance(demo, bob, "100");
  await expectBalance(demo, alice, "900");
}

async function createWallet(demo: DemoNetwork, balance: string): Promise<string> {
  const args = ["wallet", "create", "--initial-balance", balance, ...WALLETS];
  const said = await demo.countersign(args);
  const wallet = /^wallet +(\S+)$/m.exec(said)?.[1];
  demo.expect(wallet !== undefined, "the wallet has an id");
  return wallet;
}

async function pay(
  demo: DemoNetwork,
  terms: {
    readonly from: string;
    readonly to: string;
    readonly amount: string;
    readonly id: string;
  },
): Promise<void> {
  const flags = Object.entries(terms).flatMap(([name, value]) => [`--${name}`, value]);
  const said = await demo.countersign(["transfer", ...flags, ...WALLETS]);
  demo.expect(said.includes("valid: applied, sealed"), "the payment is applied and sealed");
}

async function expectBalance(demo: DemoNetwork, wallet: string, balance: string): Promise<void> {
  const said = await demo.countersign(["wallet", "show", wallet, "--json"], { quiet: true });
  const shown: { wallet?: { balance?: string } } = JSON.parse(said);
  demo.expect(shown.wallet?.balance === balance, `${wallet} holds ${balance}`);
}
