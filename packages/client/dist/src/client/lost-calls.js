/**
 * One code for every call that its connection ended: unavailable. Node reports such an end in many forms, and
 * connect-node gives them other codes: "internal" if the other side says GOAWAY just when a call begins, "canceled" if it is
 * killed.
 */
import { Code, ConnectError } from "@connectrpc/connect";
/** Node's codes for a connection, or a stream on it, that cannot be made or has ended. Those of a certificate are not among them. */
const LOST = new Set([
    ...["ECONNREFUSED", "ECONNRESET", "ECONNABORTED", "EPIPE", "ETIMEDOUT"],
    ...["EHOSTUNREACH", "EHOSTDOWN", "ENETUNREACH", "ENETDOWN", "ENOTFOUND", "EAI_AGAIN"],
    ...["ERR_SOCKET_CLOSED", "ERR_STREAM_DESTROYED", "ERR_STREAM_PREMATURE_CLOSE"],
    ...["ERR_HTTP2_GOAWAY_SESSION", "ERR_HTTP2_INVALID_SESSION", "ERR_HTTP2_INVALID_STREAM"],
    ...["ERR_HTTP2_SESSION_ERROR", "ERR_HTTP2_STREAM_CANCEL", "ERR_HTTP2_STREAM_ERROR"],
]);
/** The innermost interceptor of a client. A call that its own caller ends keeps the error that says so. */
export const nameLostCalls = (next) => async (request) => {
    const named = (error) => {
        if (request.signal.aborted || !isLost(error))
            return error;
        const { rawMessage, metadata, cause } = ConnectError.from(error);
        return new ConnectError(rawMessage, Code.Unavailable, metadata, undefined, cause);
    };
    try {
        const response = await next(request);
        if (!response.stream)
            return response;
        return { ...response, message: naming(response.message, named) };
    }
    catch (error) {
        throw named(error);
    }
};
/** The connection may also end between the answers of a stream. */
async function* naming(messages, named) {
    try {
        yield* messages;
    }
    catch (error) {
        throw named(error);
    }
}
/** True if the connection of the call has ended, or could not be made. */
export function isLost(error) {
    // A stream that the other side resets by CANCEL, as a dying Node does, has no cause; an answer has a detail.
    if (error instanceof ConnectError && error.code === Code.Canceled) {
        return error.details.length === 0;
    }
    for (let cause = error; cause instanceof Error; cause = cause.cause) {
        if ("code" in cause && LOST.has(cause.code))
            return true;
    }
    return false;
}
