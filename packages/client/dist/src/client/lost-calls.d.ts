/**
 * One code for every call that its connection ended: unavailable. Node reports such an end in many forms, and
 * connect-node gives them other codes: "internal" if the other side says GOAWAY just when a call begins, "canceled" if it is
 * killed.
 */
import { type Interceptor } from "@connectrpc/connect";
/** The innermost interceptor of a client. A call that its own caller ends keeps the error that says so. */
export declare const nameLostCalls: Interceptor;
/** True if the connection of the call has ended, or could not be made. */
export declare function isLost(error: unknown): boolean;
