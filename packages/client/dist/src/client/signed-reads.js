/** Reads that a wallet signs with its own key, for nodes with access control (docs/access.md). */
import { toBinary, toJsonString } from "@bufbuild/protobuf";
import { createContextKey, createContextValues, } from "@connectrpc/connect";
import { createAsyncIterable } from "@connectrpc/connect/protocol";
import { SIGNED_READS } from "../access/call-scopes.js";
import { assert } from "../primitives/assert.js";
import { concatBytes, utf8 } from "../primitives/bytes.js";
const walletKey = createContextKey(undefined, {
    description: "the wallet that signs the call",
});
/** Options of `getWallet`, `getReceipt`, `listEntries` and `subscribe`: the wallet's key signs the call, in place of a token. */
export function signedBy(wallet) {
    return { contextValues: createContextValues().set(walletKey, wallet) };
}
/** Connect in JSON. */
export const jsonBody = (schema, message) => utf8(toJsonString(schema, message));
/** Connect in binary. */
export const protoBody = (schema, message) => toBinary(schema, message);
/** gRPC and gRPC-Web, uncompressed: one message in its envelope of flags and length. */
export const grpcBody = (schema, message) => {
    const bytes = toBinary(schema, message);
    const head = new Uint8Array(5);
    new DataView(head.buffer).setUint32(1, bytes.length);
    return concatBytes(head, bytes);
};
/** Signs each call that has the options of `signedBy`; leaves all others alone. */
export function signReads({ node, bodyOf, now }) {
    return (next) => async (request) => {
        const wallet = request.contextValues.get(walletKey);
        if (wallet === undefined)
            return await next(request);
        const call = `${request.service.typeName}/${request.method.name}`;
        const isRead = SIGNED_READS.some((read) => read === call);
        assert(isRead, `a wallet signs ${SIGNED_READS.join(", ")} only`);
        assert(node !== undefined, "a client of signed reads knows the id of its node");
        const { body, same } = await bodyIn(request, bodyOf);
        const header = wallet.signRead({ node, call, body, signedAt: now() });
        same.header.set("authorization", header);
        return await next(same);
    };
}
/** The body of a request that has one message, and the request. In a stream every protocol puts it into an envelope. */
async function bodyIn(request, bodyOf) {
    if (!request.stream)
        return { body: bodyOf(request.method.input, request.message), same: request };
    const messages = await Array.fromAsync(request.message);
    const body = concatBytes(...messages.map((one) => grpcBody(request.method.input, one)));
    return { body, same: { ...request, message: createAsyncIterable(messages) } };
}
