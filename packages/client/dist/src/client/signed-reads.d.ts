/** Reads that a wallet signs with its own key, for nodes with access control (docs/access.md). */
import { type DescMessage, type MessageShape } from "@bufbuild/protobuf";
import { type CallOptions, type Interceptor } from "@connectrpc/connect";
import { type Bytes } from "../primitives/bytes.ts";
import type { Wallet } from "./wallet.ts";
/** Options of `getWallet`, `getReceipt`, `listEntries` and `subscribe`: the wallet's key signs the call, in place of a token. */
export declare function signedBy(wallet: Wallet): Pick<CallOptions, "contextValues">;
/** The body in which a transport sends this message. */
export type BodyOf = <I extends DescMessage>(schema: I, message: MessageShape<I>) => Bytes;
/** Connect in JSON. */
export declare const jsonBody: BodyOf;
/** Connect in binary. */
export declare const protoBody: BodyOf;
/** gRPC and gRPC-Web, uncompressed: one message in its envelope of flags and length. */
export declare const grpcBody: BodyOf;
export interface SigningOptions {
    /** The id of the node in the genesis; without it no call can be signed. */
    readonly node: string | undefined;
    /** Must be that of the transport: the signature is over the digest of what is sent. The transport must not compress. */
    readonly bodyOf: BodyOf;
    /** Milliseconds since the epoch. */
    readonly now: () => number;
}
/** Signs each call that has the options of `signedBy`; leaves all others alone. */
export declare function signReads({ node, bodyOf, now }: SigningOptions): Interceptor;
