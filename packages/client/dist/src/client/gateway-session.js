/** The HTTP/2 connection of a ledger client to one node. */
import { connect } from "node:http2";
import { ClientSession } from "../transport/client-session.js";
import { SESSION_MEMORY } from "../transport/session-memory.js";
const TIMINGS = { pingMs: 5_000, pingTimeoutMs: 5_000 };
/** A call that ends with it is unavailable (lost-calls.ts). */
class ConnectionEnd extends Error {
    name = "ConnectionEnd";
    code;
    constructor({ code, message }) {
        super(message);
        this.code = code;
    }
}
/** A client may connect and then wait for its user, so it pings during calls only. */
export function openGatewaySession(options) {
    const { baseUrl, ca, timings = TIMINGS } = options;
    const url = new URL(baseUrl);
    return new ClientSession(url, {
        dial: () => connect(url.origin, {
            ...(ca === undefined ? {} : { ca }),
            ...SESSION_MEMORY,
            settings: { enablePush: false },
        }),
        endError: (end) => new ConnectionEnd(end),
        timings,
        pings: "duringCalls",
    });
}
