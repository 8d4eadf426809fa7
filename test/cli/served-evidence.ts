/** The real store of a node, held open, whose evidence its operator's listener serves as a running node does. */
import { join } from "node:path";
import { offlineContext } from "../../src/cli/stopped-store.ts";
import { inlineChecker } from "../../src/node/base/signature-checker.ts";
import { encodeConfig } from "../../src/node/files/config.ts";
import { loadGenesis } from "../../src/node/files/genesis-file.ts";
import { EvidenceDesk } from "../../src/node/operator/evidence-desk.ts";
import { openDataFolder } from "../../src/storage/data-folder.ts";
import { openStore } from "../../src/storage/store-factory.ts";
import { operatorBounds } from "../../src/transport/caller-bounds.ts";
import { openOperatorListener } from "../../src/transport/operator-listener.ts";
import { createOperatorDouble } from "../transport/operator-double.ts";
import { createTestLog } from "../transport/test-log.ts";

export interface ServedPlace {
  /** A folder with `data`; the socket is opened in it. */
  readonly home: string;
  readonly genesis: string;
}

/** Runs `use` while the socket beside the configuration answers; `asked` names the calls about evidence. */
export async function whileServed(
  { home, genesis }: ServedPlace,
  use: (asked: readonly string[]) => Promise<void>,
): Promise<void> {
  const context = offlineContext(loadGenesis(genesis));
  const { engine, storePath: location } = await openDataFolder(join(home, "data"));
  const { networkId } = context;
  const store = await openStore({ engine, location, identity: { networkId } });
  const desk = new EvidenceDesk({ context, checker: inlineChecker, store });
  const asked: string[] = [];
  const listener = await openOperatorListener({
    path: join(home, "operator.sock"),
    api: {
      ...createOperatorDouble(),
      listEvidence(query) {
        asked.push("list");
        return desk.list(query);
      },
      getEvidence(id) {
        asked.push("get");
        return desk.get(id);
      },
    },
    audit: { called: async () => undefined },
    notReadyBecause: () => undefined,
    bounds: operatorBounds(() => performance.now()),
    log: createTestLog(),
    onFailure: () => undefined,
  });
  try {
    await use(asked);
  } finally {
    await listener.close(100);
    await store.close();
  }
}

/** A configuration in `home`, for the socket beside it. */
export function configOf({ genesis }: ServedPlace): string {
  return encodeConfig({
    node: "node1",
    genesis,
    data: "data",
    passphraseFile: "passphrase",
    clientListen: "127.0.0.1:7001",
    clientCertificate: "certificate.pem",
    clientKey: "key.pem",
    peerListen: "127.0.0.1:7101",
    logLevel: "info",
  });
}
