/** Five calls as plain JSON paths of the client listener (T12). */
import type { DescMethod } from "@bufbuild/protobuf";
import { LedgerService } from "../../gen/countersign/v1/ledger_service_pb.ts";
import { PeerService } from "../../gen/countersign/v1/peer_service_pb.ts";

export interface PlainPath {
  readonly verb: "GET" | "POST";
  readonly rpc: DescMethod;
}

export const PLAIN_PATHS: ReadonlyMap<string, PlainPath> = new Map<string, PlainPath>([
  ["/register", { verb: "POST", rpc: PeerService.method.register }],
  ["/transaction", { verb: "POST", rpc: LedgerService.method.transaction }],
  ["/wallet_creation", { verb: "POST", rpc: LedgerService.method.walletCreation }],
  ["/verification", { verb: "POST", rpc: PeerService.method.verification }],
  ["/peers", { verb: "GET", rpc: LedgerService.method.listPeers }],
]);
