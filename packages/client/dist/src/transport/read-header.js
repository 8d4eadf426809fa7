import { HEADER_VERSION } from "../primitives/block.js";
import { DIGEST_LENGTH } from "../primitives/hash.js";
import { LIMITS } from "../primitives/limits.js";
import { convert, fail, readAmount, readCounter, readEpoch, readFixed, readHeight, readIndex, readList, readView, } from "./convert-fields.js";
/** The header that a message shows. Nothing is proven by it: the caller hashes its canonical bytes. */
export function headerFromMessage(message, field) {
    return convert(() => {
        if (message.version !== HEADER_VERSION) {
            fail("MALFORMED", `${field}.version`, `must be ${HEADER_VERSION}`);
        }
        const digest = (bytes, name) => readFixed(bytes, DIGEST_LENGTH, `${field}.${name}`);
        return {
            version: message.version,
            networkId: digest(message.networkId, "networkId"),
            epoch: readEpoch(message.epoch, `${field}.epoch`),
            height: readHeight(message.height, `${field}.height`),
            view: readView(message.view, `${field}.view`),
            parentHash: digest(message.parentHash, "parentHash"),
            operationCount: message.operationCount,
            operationsRoot: digest(message.operationsRoot, "operationsRoot"),
            resultsRoot: digest(message.resultsRoot, "resultsRoot"),
            walletCount: readCounter(message.walletCount, `${field}.walletCount`),
            stateRoot: digest(message.stateRoot, "stateRoot"),
            supply: readList(message.supply, LIMITS.assetsMax, {
                field: `${field}.supply`,
                read: readAmount,
            }),
            time: readCounter(message.time, `${field}.time`),
            proposer: readIndex(message.proposer, `${field}.proposer`),
        };
    });
}
