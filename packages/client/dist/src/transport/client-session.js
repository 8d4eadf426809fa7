/**
 * One HTTP/2 connection of a caller, dialled for the first call and again after every end. It replaces connect-node's
 * Http2SessionManager, in which a GOAWAY can become an uncaught exception and end the process (connect-es issue
 * 1768). Here a session has an error listener from its first moment to its last. When that issue is fixed, only the
 * dialling of peers is still needed.
 */
import { constants, } from "node:http2";
import { answerChunks } from "./answer-chunks.js";
import { afterListening, startInterval } from "./timers.js";
const ATTEMPTS = 3;
const CLOSED = { code: "ECONNRESET", message: "the client is closed" };
const SILENT = { code: "ETIMEDOUT", message: "no answer to a ping" };
const REFUSING = {
    code: "ECONNRESET",
    message: "the other side closes every connection at once",
};
/** A session manager in the form that connect-node takes. */
export class ClientSession {
    /** The origin of all calls. */
    authority;
    /** Node's own authority for an IPv6 address lacks the brackets, which RFC 3986 section 3.2.2 requires. */
    #host;
    #kind;
    #line;
    #closed = false;
    constructor(url, kind) {
        this.authority = url.origin;
        this.#host = url.host;
        this.#kind = kind;
    }
    async request(method, path, headers, options) {
        for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
            const opening = this.#open();
            const { session, began } = await opening;
            try {
                const head = { ...headers, ":method": method, ":path": path, ":authority": this.#host };
                const stream = session.request(head, options);
                // The caller's listener is added one turn later.
                stream.on("error", () => undefined);
                Object.defineProperty(stream, Symbol.asyncIterator, { value: () => answerChunks(stream) });
                began(stream);
                return stream;
            }
            catch (error) {
                // A session that ended, or began to end, since it was opened: nothing was sent on it, so a new one is
                // dialled.
                if (!session.closed && !session.destroyed)
                    throw error;
                this.#forget(opening);
            }
        }
        throw this.#kind.endError(REFUSING);
    }
    notifyResponseByteRead() {
        // Part of connect-node's contract; pings are sent in any case.
    }
    /** Ends the connection and every call on it; no later call opens another one. */
    close() {
        this.#closed = true;
        const line = this.#line;
        this.#line = undefined;
        line?.then(({ session }) => this.#end(session, CLOSED), () => undefined);
    }
    #open() {
        if (this.#closed)
            return Promise.reject(this.#kind.endError(CLOSED));
        this.#line ??= this.#dial();
        return this.#line;
    }
    #dial() {
        const forget = () => this.#forget(line);
        const line = this.#connect(forget);
        line.catch(forget);
        return line;
    }
    async #connect(forget) {
        const session = await this.#kind.dial();
        session.on("error", (error) => {
            this.#kind.onError?.(error);
            forget();
        });
        session.once("close", forget);
        // The other side is closing: running calls may end, and the next call dials again.
        session.once("goaway", forget);
        if (this.#closed) {
            this.#end(session, CLOSED);
            throw this.#kind.endError(CLOSED);
        }
        return { session, began: this.#watch(session) };
    }
    /** The next call dials again. */
    #forget(line) {
        if (this.#line === line)
            this.#line = undefined;
    }
    /** A frozen process accepts bytes for a long time; only pings tell it from a slow one. */
    #watch(session) {
        const { timings, pings, onAnswer } = this.#kind;
        const watch = new PingWatch(session, timings, {
            onAnswer: () => onAnswer?.(),
            onSilence: () => this.#end(session, SILENT),
        });
        session.once("close", () => watch.stop());
        if (pings === "duringCalls")
            return duringCalls(session, watch);
        watch.start();
        return () => undefined;
    }
    /** With an error: without one, Node ends the streams as if they were complete, and calls on them wait for ever. */
    #end(session, end) {
        session.destroy(this.#kind.endError(end), constants.NGHTTP2_CANCEL);
    }
}
function duringCalls(session, watch) {
    let calls = 0;
    session.unref();
    return (stream) => {
        calls += 1;
        if (calls === 1) {
            session.ref();
            watch.start();
        }
        stream.once("close", () => {
            calls -= 1;
            if (calls > 0)
                return;
            watch.stop();
            if (!session.destroyed)
                session.unref();
        });
    };
}
/** Pings one session, one ping at a time. */
class PingWatch {
    #session;
    #timings;
    #told;
    #stopPings;
    /** Cancels the wait for the open ping's answer. */
    #answered;
    constructor(session, timings, told) {
        this.#session = session;
        this.#timings = timings;
        this.#told = told;
    }
    start() {
        this.#stopPings = startInterval(this.#timings.pingMs, () => this.#ping());
    }
    stop() {
        this.#stopPings?.();
        this.#clear();
    }
    #clear() {
        this.#answered?.();
        this.#answered = undefined;
    }
    #ping() {
        if (this.#answered !== undefined || this.#session.destroyed)
            return;
        this.#answered = afterListening(this.#timings.pingTimeoutMs, this.#told.onSilence);
        // A ping fails at once while the session is connecting: it stays overdue.
        this.#session.ping((error) => {
            if (error !== null)
                return;
            this.#clear();
            this.#told.onAnswer();
        });
    }
}
