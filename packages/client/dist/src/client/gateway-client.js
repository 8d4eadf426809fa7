/** The client of one node's ledger service: the generated client over TLS, for programs that run on Node. */
import { createConnectTransport } from "@connectrpc/connect-node";
import { LIMITS } from "../primitives/limits.js";
import { ANSWER_BYTES_MAX, callsOver, transportOptions, } from "./gateway-calls.js";
import { openGatewaySession } from "./gateway-session.js";
/** Connects at the first call. */
export function createGatewayClient(options) {
    const session = openGatewaySession(options);
    const transport = createConnectTransport({
        baseUrl: session.authority,
        httpVersion: "2",
        sessionManager: session,
        readMaxBytes: ANSWER_BYTES_MAX,
        writeMaxBytes: LIMITS.clientMessageBytesMax,
        ...transportOptions(options),
    });
    return { calls: callsOver(transport), close: () => session.close() };
}
