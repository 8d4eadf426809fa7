/** Converts headers of the protocol to the views of them in generated messages; read-header.ts reads these. */
import { create } from "@bufbuild/protobuf";
import { HeaderSchema } from "../../gen/countersign/v1/types_pb.js";
/** A view of a header, for people and programs that do not decode canonical bytes. */
export function headerToMessage(header) {
    return create(HeaderSchema, {
        version: header.version,
        networkId: header.networkId,
        epoch: BigInt(header.epoch),
        height: BigInt(header.height),
        view: BigInt(header.view),
        parentHash: header.parentHash,
        operationCount: header.operationCount,
        operationsRoot: header.operationsRoot,
        resultsRoot: header.resultsRoot,
        walletCount: BigInt(header.walletCount),
        stateRoot: header.stateRoot,
        supply: [...header.supply],
        time: BigInt(header.time),
        proposer: header.proposer,
    });
}
