/**
 * One HTTP/2 connection of a caller, dialled for the first call and again after every end. It replaces connect-node's
 * Http2SessionManager, in which a GOAWAY can become an uncaught exception and end the process (connect-es issue
 * 1768). Here a session has an error listener from its first moment to its last. When that issue is fixed, only the
 * dialling of peers is still needed.
 */
import { type ClientHttp2Session, type ClientHttp2Stream, type OutgoingHttpHeaders } from "node:http2";
/** Milliseconds. */
export interface PingTimings {
    /** Between two pings. */
    readonly pingMs: number;
    /** A session ends if a ping is not answered for this long: the other side is dead or frozen. */
    readonly pingTimeoutMs: number;
}
export interface SessionEnd {
    readonly code: "ETIMEDOUT" | "ECONNRESET";
    readonly message: string;
}
/** The differences between a node's connection to a peer and a client's connection to a node. */
export interface SessionKind {
    /** Opens a connection. Calls may wait inside it until it is connected; it rejects if it cannot be made. */
    readonly dial: () => ClientHttp2Session | Promise<ClientHttp2Session>;
    /** The error with which calls end. */
    readonly endError: (end: SessionEnd) => Error;
    readonly timings: PingTimings;
    /**
     * `always`: notices a silent peer even without a call. `duringCalls`: without a call, the connection keeps no
     * program from ending.
     */
    readonly pings: "always" | "duringCalls";
    /** The other side has answered a ping. */
    readonly onAnswer?: (() => void) | undefined;
    readonly onError?: (error: Error) => void;
}
/** A session manager in the form that connect-node takes. */
export declare class ClientSession {
    #private;
    /** The origin of all calls. */
    readonly authority: string;
    constructor(url: URL, kind: SessionKind);
    request(method: string, path: string, headers: OutgoingHttpHeaders, options: object): Promise<ClientHttp2Stream>;
    notifyResponseByteRead(): void;
    /** Ends the connection and every call on it; no later call opens another one. */
    close(): void;
}
