/** The fields that every operation has, and the encoding that each kind of operation defines for its own. */
import type { Decoder, Encoder } from "../encoding.ts";
import type { OperationId } from "../ids.ts";
import type { PublicKey } from "../signature.ts";
export interface CommonFields {
    /** The key whose signature makes the operation valid: issuer or wallet, paying wallet, or member's identity key. */
    readonly author: PublicKey;
    /** Chosen by the author; unique in the id scope of its kind. */
    readonly id: OperationId;
    /** Milliseconds since the epoch; the last block time at which it may be applied. */
    readonly validUntil: number;
}
/** The fields that one kind adds to the common ones. */
export type OwnFields<O extends CommonFields & {
    readonly kind: string;
}> = Omit<O, "kind" | keyof CommonFields>;
/** The canonical encoding of one kind. Absent fields are encoded as absent. */
export interface OperationEncoding<O extends CommonFields & {
    readonly kind: string;
}> {
    /** The kind byte; never reused. */
    readonly code: number;
    /** Ids are unique within this scope: the paying wallet or the author (L4). */
    scope(operation: O): string;
    write(encoder: Encoder, operation: O): void;
    read(decoder: Decoder): OwnFields<O>;
}
