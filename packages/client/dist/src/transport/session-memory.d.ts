/**
 * Node keeps an account of the memory of each HTTP/2 connection, and refuses every new stream beyond 10 MB. What a stream
 * had still to send when it was reset is never taken off that account (Http2Stream::Destroy in node_http2.cc, Node 24), so
 * a connection on which enough large messages were abandoned is of no use any more. The account is therefore given no
 * bound that is reached; streams, windows, heads and unread answers have bounds of their own.
 */
export declare const SESSION_MEMORY: {
    /** Megabytes. */
    maxSessionMemory: number;
};
