import { Code, ConnectError } from "@connectrpc/connect";
import { type ErrorDetail } from "../../gen/countersign/v1/types_pb.ts";
import type { Bytes } from "../primitives/bytes.ts";
import { Refusal, type RefusalReason } from "./refusal.ts";
export interface Meaning {
    readonly code: Code;
    /** The remedy, unless the refusal has its own. */
    readonly remedy: string;
    /** HTTP status of an answer in JSON, if HTTP has a better one than Connect's code. */
    readonly httpStatus?: number;
    /** When the same request may be repeated, unless the refusal says otherwise; absent: the request must be changed. */
    readonly retryAfterMs?: number;
}
/** Every reason with its code and its usual remedy; docs/api.md lists them. */
export declare const REASONS: Readonly<Record<RefusalReason, Meaning>>;
/** A refusal as callers get it, in every protocol. */
export interface WireRefusal {
    readonly code: Code;
    readonly message: string;
    readonly detail: ErrorDetail;
    /** Headers that HTTP has for it. */
    readonly headers: Readonly<Record<string, string>>;
}
export declare function wireRefusalOf(refusal: Refusal): WireRefusal;
export declare function toConnectError(refusal: Refusal): ConnectError;
/** The HTTP status of a refusal in JSON. */
export declare function httpStatusOf(reason: RefusalReason): number;
/** Returns the answer, or throws the error for a refusal. */
export declare function orThrow<T>(answer: T | Refusal): T;
/** The refusal in a caught error; undefined if there is none. */
export declare function readRefusal(error: unknown): Refusal | undefined;
/** The refusal that another machine tells; undefined if its reason is unknown here. */
export declare function refusalOfDetail(detail: ErrorDetail, message: string): Refusal | undefined;
/**
 * Adds the detail that every refusal carries to an error that Connect raised while it read a request. Connect calls
 * some unreadable requests an internal error, or unimplemented, but the fault is always the caller's.
 */
export declare function withDetail(error: ConnectError): ConnectError;
/** An HTTP answer with a Connect error as JSON, for paths that never reach an RPC. */
export interface ErrorAnswer {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: Bytes;
}
export declare function errorAnswer(error: ConnectError): ErrorAnswer;
/** The error in the JSON body of an unsuccessful answer. */
export declare function errorOfBody(body: Bytes): ConnectError;
/**
 * The error for a caller after a failure of the program: it does not tell the cause, which the log has under the same
 * `failure`.
 */
export declare function internalError(failure: string): ConnectError;
/** The reason with which a closing listener aborts running calls. */
export declare function shutdownError(): ConnectError;
/** One line for a log, with the error's cause if there is one. */
export declare function describeError(error: unknown): string;
export declare function isConnectError(error: unknown): error is ConnectError;
