/** The calls of one gateway over any transport: their deadlines, repetitions and credentials are the same in Node and in a browser. */
import { createClient } from "@connectrpc/connect";
import { LedgerService } from "../../gen/countersign/v1/ledger_service_pb.js";
import { boundDuration } from "../transport/timers.js";
import { nameLostCalls } from "./lost-calls.js";
import { followRetryHints, PATIENCE } from "./retry-hints.js";
import { protoBody, signReads } from "./signed-reads.js";
/** The largest answer that is read: a page of a thousand entries has half a megabyte. */
export const ANSWER_BYTES_MAX = 4 * 1024 * 1024;
/** Longer than a payment takes with a node dead. */
const TIMEOUT_MS = 30_000;
/** Options of a transport that sends Connect in binary. */
export function transportOptions(options) {
    const interceptors = [
        followRetryHints(options.patience ?? PATIENCE, Math.random),
        // Inside the repetitions: each attempt is signed with its own time.
        ...(options.token === undefined ? [] : [showToken(options.token)]),
        signReads({ node: options.node, bodyOf: protoBody, now: Date.now }),
        nameLostCalls,
    ];
    const defaultTimeoutMs = boundDuration(options.timeoutMs ?? TIMEOUT_MS);
    return { useBinaryFormat: true, interceptors, defaultTimeoutMs };
}
/** The caller sets the deadline of each call; it is bounded before the transport starts a timer. */
export function callsOver(transport) {
    const bounded = (ms) => (ms === undefined ? undefined : boundDuration(ms));
    return createClient(LedgerService, {
        unary: (method, signal, timeoutMs, ...rest) => transport.unary(method, signal, bounded(timeoutMs), ...rest),
        stream: (method, signal, timeoutMs, ...rest) => transport.stream(method, signal, bounded(timeoutMs), ...rest),
    });
}
function showToken(token) {
    return (next) => (request) => {
        request.header.set("authorization", `Bearer ${token}`);
        return next(request);
    };
}
