/** The fields of the message `Receipt` and of those inside it, as the contract in proto/countersign/v1/types.proto has them. */
import { fromBase64 } from "../primitives/base64.js";
import { fieldsGiven, readBase64, readFlag, readInteger, readItems, } from "../transport/strict-values.js";
const BYTES = {
    read: (value, path) => fromBase64(readBase64(value, path)),
    absent: () => new Uint8Array(),
};
const UINT32 = {
    read: (value, path) => Number(readInteger(value, path, 0xffffffffn)),
    absent: () => 0,
};
const UINT64 = {
    read: (value, path) => readInteger(value, path, 0xffffffffffffffffn),
    absent: () => 0n,
};
const FLAG = { read: readFlag, absent: () => false };
const list = (item) => ({
    read: (value, path) => readItems(value, path, item.read),
    absent: () => [],
});
const optional = ({ read }) => ({
    read,
    absent: () => undefined,
});
/** A message, with the readers of its fields by their JSON names. */
function message(readers) {
    const fields = Object.entries(readers).map(([jsonName, reader]) => {
        const name = jsonName.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
        return { jsonName, name, reader };
    });
    const absent = () => Object.fromEntries(fields.map(({ jsonName, reader }) => [jsonName, reader.absent()]));
    const read = (value, path) => {
        const given = fieldsGiven(fields, value, path).map(([{ jsonName, reader }, item, place]) => {
            return [jsonName, reader.read(item, place)];
        });
        return { ...absent(), ...Object.fromEntries(given) };
    };
    return { readers, absent, read };
}
const HEADER = message({
    version: UINT32,
    networkId: BYTES,
    epoch: UINT64,
    height: UINT64,
    view: UINT64,
    parentHash: BYTES,
    operationCount: UINT32,
    operationsRoot: BYTES,
    resultsRoot: BYTES,
    walletCount: UINT64,
    stateRoot: BYTES,
    supply: list(UINT64),
    time: UINT64,
    proposer: UINT32,
});
const SEALED_HEADER = message({ bytes: BYTES, seal: BYTES, header: optional(HEADER) });
const KEY_CERTIFICATE = message({
    bytes: BYTES,
    networkId: BYTES,
    epoch: UINT64,
    groupPublicKey: BYTES,
    threshold: UINT32,
    transcriptHash: BYTES,
    signatures: list(message({ signer: UINT32, signature: BYTES })),
});
export const RECEIPT = message({
    leaf: BYTES,
    index: UINT32,
    path: list(BYTES),
    headers: list(BYTES),
    sealedHeader: optional(SEALED_HEADER),
    keyCertificate: optional(KEY_CERTIFICATE),
    finalization: optional(BYTES),
    sealPending: FLAG,
});
