/**
 * The browser's `fetch` as a transport needs it: an answer has a largest size, a connection that could not be made or has ended is told
 * from other failures, and all calls can be ended at once.
 */
export interface FetchBounds {
    /** The largest answer, bytes. A stream is not bounded as a whole: its reader may take it as long as it likes. */
    readonly answerBytesMax: number;
    /** Ends every call. */
    readonly end: AbortSignal;
}
export declare function boundedFetch({ answerBytesMax, end }: FetchBounds): typeof fetch;
