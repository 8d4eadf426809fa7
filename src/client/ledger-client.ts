/** The generated client of LedgerService over TLS, for Node. */
import { type Client, createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { LedgerService } from "../../gen/countersign/v1/ledger_service_pb.ts";

export type LedgerClient = Client<typeof LedgerService>;

export interface LedgerClientOptions {
  /** host:port of a node's client listener. */
  readonly address: string;
  /** PEM of the authority that the node's certificate is to be checked against; absent: those of the system. */
  readonly ca?: string;
}

/** Calls are lost with their connection; repeat a write with the same id, and it happens once. */
export function createLedgerClient({ address, ca }: LedgerClientOptions): LedgerClient {
  const transport = createConnectTransport({
    baseUrl: `https://${address}`,
    httpVersion: "2",
    nodeOptions: ca === undefined ? {} : { ca },
  });
  return createClient(LedgerService, transport);
}
