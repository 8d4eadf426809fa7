/** A hostile client of one gateway, in a process of its own. */
import { readFileSync } from "node:fs";
import { networkIdOf } from "../../src/ledger/genesis.ts";
import { sha256 } from "../../src/node/base/crypto.ts";
import { loadConfig } from "../../src/node/files/config.ts";
import { loadGenesis } from "../../src/node/files/genesis-file.ts";
import type { ClientHand } from "./attack.ts";
import { clientAttack } from "./attacks.ts";
import { Counts } from "./counts.ts";
import { readOrder, serveProgram } from "./orders.ts";

const order = readOrder();
const config = loadConfig(order.configFile);
const genesis = loadGenesis(config.genesisFile);
const { host, port } = config.clientListen;
const hand: Omit<ClientHand, "count"> = {
  genesis,
  networkId: networkIdOf(sha256, genesis),
  host,
  clientPort: port,
  peerPort: config.peerListen.port,
  url: `https://${host}:${port}`,
  ca: readFileSync(order.caFile, "utf8"),
};
serveProgram({
  prepare: async (name) => {
    const { prepare, run } = clientAttack(name);
    const counts = new Counts();
    const acting: ClientHand = { ...hand, count: (...done) => counts.add(...done) };
    const prepared = (await prepare?.(acting)) ?? run;
    return async (signal) => {
      await prepared?.(acting, signal);
      return counts.tally;
    };
  },
});
