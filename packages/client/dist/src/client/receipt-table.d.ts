import type { Json } from "../primitives/json.ts";
/** One kind of value in Protobuf JSON. */
export interface ValueReader<T> {
    /** Throws WrongField. */
    readonly read: (value: Json, path: string) => T;
    /** The value of a field that is not given. */
    readonly absent: () => T;
}
type Readers = Readonly<Record<string, ValueReader<unknown>>>;
type Fields<R extends Readers> = {
    [Name in keyof R]: ReturnType<R[Name]["read"]>;
};
export declare const RECEIPT: ValueReader<Fields<{
    leaf: ValueReader<Uint8Array<ArrayBufferLike>>;
    index: ValueReader<number>;
    path: ValueReader<Uint8Array<ArrayBufferLike>[]>;
    headers: ValueReader<Uint8Array<ArrayBufferLike>[]>;
    sealedHeader: ValueReader<Fields<{
        bytes: ValueReader<Uint8Array<ArrayBufferLike>>;
        seal: ValueReader<Uint8Array<ArrayBufferLike>>;
        header: ValueReader<Fields<{
            version: ValueReader<number>;
            networkId: ValueReader<Uint8Array<ArrayBufferLike>>;
            epoch: ValueReader<bigint>;
            height: ValueReader<bigint>;
            view: ValueReader<bigint>;
            parentHash: ValueReader<Uint8Array<ArrayBufferLike>>;
            operationCount: ValueReader<number>;
            operationsRoot: ValueReader<Uint8Array<ArrayBufferLike>>;
            resultsRoot: ValueReader<Uint8Array<ArrayBufferLike>>;
            walletCount: ValueReader<bigint>;
            stateRoot: ValueReader<Uint8Array<ArrayBufferLike>>;
            supply: ValueReader<bigint[]>;
            time: ValueReader<bigint>;
            proposer: ValueReader<number>;
        }> | undefined>;
    }> | undefined>;
    keyCertificate: ValueReader<Fields<{
        bytes: ValueReader<Uint8Array<ArrayBufferLike>>;
        networkId: ValueReader<Uint8Array<ArrayBufferLike>>;
        epoch: ValueReader<bigint>;
        groupPublicKey: ValueReader<Uint8Array<ArrayBufferLike>>;
        threshold: ValueReader<number>;
        transcriptHash: ValueReader<Uint8Array<ArrayBufferLike>>;
        signatures: ValueReader<Fields<{
            signer: ValueReader<number>;
            signature: ValueReader<Uint8Array<ArrayBufferLike>>;
        }>[]>;
    }> | undefined>;
    finalization: ValueReader<Uint8Array<ArrayBufferLike> | undefined>;
    sealPending: ValueReader<boolean>;
}>> & {
    readonly readers: {
        leaf: ValueReader<Uint8Array<ArrayBufferLike>>;
        index: ValueReader<number>;
        path: ValueReader<Uint8Array<ArrayBufferLike>[]>;
        headers: ValueReader<Uint8Array<ArrayBufferLike>[]>;
        sealedHeader: ValueReader<Fields<{
            bytes: ValueReader<Uint8Array<ArrayBufferLike>>;
            seal: ValueReader<Uint8Array<ArrayBufferLike>>;
            header: ValueReader<Fields<{
                version: ValueReader<number>;
                networkId: ValueReader<Uint8Array<ArrayBufferLike>>;
                epoch: ValueReader<bigint>;
                height: ValueReader<bigint>;
                view: ValueReader<bigint>;
                parentHash: ValueReader<Uint8Array<ArrayBufferLike>>;
                operationCount: ValueReader<number>;
                operationsRoot: ValueReader<Uint8Array<ArrayBufferLike>>;
                resultsRoot: ValueReader<Uint8Array<ArrayBufferLike>>;
                walletCount: ValueReader<bigint>;
                stateRoot: ValueReader<Uint8Array<ArrayBufferLike>>;
                supply: ValueReader<bigint[]>;
                time: ValueReader<bigint>;
                proposer: ValueReader<number>;
            }> | undefined>;
        }> | undefined>;
        keyCertificate: ValueReader<Fields<{
            bytes: ValueReader<Uint8Array<ArrayBufferLike>>;
            networkId: ValueReader<Uint8Array<ArrayBufferLike>>;
            epoch: ValueReader<bigint>;
            groupPublicKey: ValueReader<Uint8Array<ArrayBufferLike>>;
            threshold: ValueReader<number>;
            transcriptHash: ValueReader<Uint8Array<ArrayBufferLike>>;
            signatures: ValueReader<Fields<{
                signer: ValueReader<number>;
                signature: ValueReader<Uint8Array<ArrayBufferLike>>;
            }>[]>;
        }> | undefined>;
        finalization: ValueReader<Uint8Array<ArrayBufferLike> | undefined>;
        sealPending: ValueReader<boolean>;
    };
};
export {};
