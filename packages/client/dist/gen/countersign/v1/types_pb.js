// Values that the services use.
//
// Rules for every message of this package:
// - Amounts are unsigned 64-bit minor units of one asset; in JSON they are strings of decimal digits.
// - Times are milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
// - Wallet ids and operation ids are UUIDs (RFC 9562) in lower case, 36 characters.
// - Public keys are Ed25519 (RFC 8032), 32 bytes: the canonical encoding of a point of prime order. Signatures are
//   Ed25519, 64 bytes. Hashes are SHA-256, 32 bytes.
// - `bytes` are standard base64 with padding in JSON, and no other form is accepted.
// - Nothing is signed or hashed as protobuf bytes. Canonical bytes in a field are the encoding of docs/signing.md; the
//   structured fields beside them are views, which a verifier compares with the bytes.
import { enumDesc, fileDesc, messageDesc } from "@bufbuild/protobuf/codegenv2";
/**
 * Describes the file countersign/v1/types.proto.
 */
export const file_countersign_v1_types = /*@__PURE__*/ fileDesc("Chpjb3VudGVyc2lnbi92MS90eXBlcy5wcm90bxIOY291bnRlcnNpZ24udjEiigEKCFRyYW5zZmVyEgwKBGZyb20YASABKAkSCgoCdG8YAiABKAkSDgoGYW1vdW50GAMgASgEEgoKAmlkGAQgASgJEhYKCXJlZmVyZW5jZRgFIAEoCUgAiAEBEhMKC3ZhbGlkX3VudGlsGAYgASgEEg0KBWFzc2V0GAcgASgJQgwKCl9yZWZlcmVuY2UiPQoMQ2FuY2VsbGF0aW9uEgwKBGZyb20YASABKAkSCgoCaWQYAiABKAkSEwoLdmFsaWRfdW50aWwYAyABKAQiSwoIVW5zZWFsZWQSLgoGcmVhc29uGAEgASgOMh4uY291bnRlcnNpZ24udjEuVW5zZWFsZWRSZWFzb24SDwoHbWVzc2FnZRgCIAEoCSJ1CgZSZXN1bHQSLAoGc3RhdHVzGAEgASgOMhwuY291bnRlcnNpZ24udjEuUmVzdWx0U3RhdHVzEjIKBnJlYXNvbhgCIAEoDjIdLmNvdW50ZXJzaWduLnYxLkRlY2xpbmVSZWFzb25IAIgBAUIJCgdfcmVhc29uIpcBCgZXYWxsZXQSCgoCaWQYASABKAkSDQoFYXNzZXQYAiABKAkSDwoHYmFsYW5jZRgDIAEoBBISCgpwdWJsaWNfa2V5GAQgASgMEg8KB2VudHJpZXMYBSABKAQSFgoOc3RhdGVtZW50X2hlYWQYBiABKAwSFgoJY3VzdG9kaWFuGAcgASgJSACIAQFCDAoKX2N1c3RvZGlhbiKRAgoGSGVhZGVyEg8KB3ZlcnNpb24YASABKA0SEgoKbmV0d29ya19pZBgCIAEoDBINCgVlcG9jaBgDIAEoBBIOCgZoZWlnaHQYBCABKAQSDAoEdmlldxgFIAEoBBITCgtwYXJlbnRfaGFzaBgGIAEoDBIXCg9vcGVyYXRpb25fY291bnQYByABKA0SFwoPb3BlcmF0aW9uc19yb290GAggASgMEhQKDHJlc3VsdHNfcm9vdBgJIAEoDBIUCgx3YWxsZXRfY291bnQYCiABKAQSEgoKc3RhdGVfcm9vdBgLIAEoDBIOCgZzdXBwbHkYDCADKAQSDAoEdGltZRgNIAEoBBIQCghwcm9wb3NlchgOIAEoDSJTCgxTZWFsZWRIZWFkZXISDQoFYnl0ZXMYASABKAwSDAoEc2VhbBgCIAEoDBImCgZoZWFkZXIYAyABKAsyFi5jb3VudGVyc2lnbi52MS5IZWFkZXIiNAoPTWVtYmVyU2lnbmF0dXJlEg4KBnNpZ25lchgBIAEoDRIRCglzaWduYXR1cmUYAiABKAwivQEKDktleUNlcnRpZmljYXRlEg0KBWJ5dGVzGAEgASgMEhIKCm5ldHdvcmtfaWQYAiABKAwSDQoFZXBvY2gYAyABKAQSGAoQZ3JvdXBfcHVibGljX2tleRgEIAEoDBIRCgl0aHJlc2hvbGQYBSABKA0SFwoPdHJhbnNjcmlwdF9oYXNoGAYgASgMEjMKCnNpZ25hdHVyZXMYByADKAsyHy5jb3VudGVyc2lnbi52MS5NZW1iZXJTaWduYXR1cmUi9QEKB1JlY2VpcHQSDAoEbGVhZhgBIAEoDBINCgVpbmRleBgCIAEoDRIMCgRwYXRoGAMgAygMEg8KB2hlYWRlcnMYBCADKAwSMwoNc2VhbGVkX2hlYWRlchgFIAEoCzIcLmNvdW50ZXJzaWduLnYxLlNlYWxlZEhlYWRlchI3Cg9rZXlfY2VydGlmaWNhdGUYBiABKAsyHi5jb3VudGVyc2lnbi52MS5LZXlDZXJ0aWZpY2F0ZRIZCgxmaW5hbGl6YXRpb24YByABKAxIAIgBARIUCgxzZWFsX3BlbmRpbmcYCCABKAhCDwoNX2ZpbmFsaXphdGlvbiKqAQoLRXJyb3JEZXRhaWwSDgoGcmVhc29uGAEgASgJEg0KBWZpZWxkGAIgASgJEg4KBnJlbWVkeRgDIAEoCRI7CghtZXRhZGF0YRgEIAMoCzIpLmNvdW50ZXJzaWduLnYxLkVycm9yRGV0YWlsLk1ldGFkYXRhRW50cnkaLwoNTWV0YWRhdGFFbnRyeRILCgNrZXkYASABKAkSDQoFdmFsdWUYAiABKAk6AjgBKj0KBFdhaXQSFAoQV0FJVF9VTlNQRUNJRklFRBAAEg4KCldBSVRfRklOQUwQARIPCgtXQUlUX1NFQUxFRBACKpUBCg5VbnNlYWxlZFJlYXNvbhIfChtVTlNFQUxFRF9SRUFTT05fVU5TUEVDSUZJRUQQABIbChdVTlNFQUxFRF9SRUFTT05fTk9UX1lFVBABEiAKHFVOU0VBTEVEX1JFQVNPTl9OT19HUk9VUF9LRVkQAhIjCh9VTlNFQUxFRF9SRUFTT05fVE9PX0ZFV19IT0xERVJTEAMqZAoMUmVzdWx0U3RhdHVzEh0KGVJFU1VMVF9TVEFUVVNfVU5TUEVDSUZJRUQQABIZChVSRVNVTFRfU1RBVFVTX0FQUExJRUQQARIaChZSRVNVTFRfU1RBVFVTX0RFQ0xJTkVEEAIqzAIKDURlY2xpbmVSZWFzb24SHgoaREVDTElORV9SRUFTT05fVU5TUEVDSUZJRUQQABIaChZERUNMSU5FX1JFQVNPTl9FWFBJUkVEEAESIAocREVDTElORV9SRUFTT05fV0FMTEVUX0VYSVNUUxACEiAKHERFQ0xJTkVfUkVBU09OX1VOS05PV05fUEFZRUUQAxIhCh1ERUNMSU5FX1JFQVNPTl9BU1NFVF9NSVNNQVRDSBAEEiUKIURFQ0xJTkVfUkVBU09OX0lOU1VGRklDSUVOVF9GVU5EUxAFEhsKF0RFQ0xJTkVfUkVBU09OX09WRVJGTE9XEAYSLQopREVDTElORV9SRUFTT05fQ0VSRU1PTllfU1RFUF9PVVRfT0ZfUExBQ0UQBxIlCiFERUNMSU5FX1JFQVNPTl9TUE9OU09SX1FVT1RBX1VTRUQQCEIxWi9jb3VudGVyc2lnbi9nZW4vZ28vY291bnRlcnNpZ24vdjE7Y291bnRlcnNpZ252MWIGcHJvdG8z");
/**
 * Describes the message countersign.v1.Transfer.
 * Use `create(TransferSchema)` to create a new message.
 */
export const TransferSchema = /*@__PURE__*/ messageDesc(file_countersign_v1_types, 0);
/**
 * Describes the message countersign.v1.Cancellation.
 * Use `create(CancellationSchema)` to create a new message.
 */
export const CancellationSchema = /*@__PURE__*/ messageDesc(file_countersign_v1_types, 1);
/**
 * Describes the message countersign.v1.Unsealed.
 * Use `create(UnsealedSchema)` to create a new message.
 */
export const UnsealedSchema = /*@__PURE__*/ messageDesc(file_countersign_v1_types, 2);
/**
 * Describes the message countersign.v1.Result.
 * Use `create(ResultSchema)` to create a new message.
 */
export const ResultSchema = /*@__PURE__*/ messageDesc(file_countersign_v1_types, 3);
/**
 * Describes the message countersign.v1.Wallet.
 * Use `create(WalletSchema)` to create a new message.
 */
export const WalletSchema = /*@__PURE__*/ messageDesc(file_countersign_v1_types, 4);
/**
 * Describes the message countersign.v1.Header.
 * Use `create(HeaderSchema)` to create a new message.
 */
export const HeaderSchema = /*@__PURE__*/ messageDesc(file_countersign_v1_types, 5);
/**
 * Describes the message countersign.v1.SealedHeader.
 * Use `create(SealedHeaderSchema)` to create a new message.
 */
export const SealedHeaderSchema = /*@__PURE__*/ messageDesc(file_countersign_v1_types, 6);
/**
 * Describes the message countersign.v1.MemberSignature.
 * Use `create(MemberSignatureSchema)` to create a new message.
 */
export const MemberSignatureSchema = /*@__PURE__*/ messageDesc(file_countersign_v1_types, 7);
/**
 * Describes the message countersign.v1.KeyCertificate.
 * Use `create(KeyCertificateSchema)` to create a new message.
 */
export const KeyCertificateSchema = /*@__PURE__*/ messageDesc(file_countersign_v1_types, 8);
/**
 * Describes the message countersign.v1.Receipt.
 * Use `create(ReceiptSchema)` to create a new message.
 */
export const ReceiptSchema = /*@__PURE__*/ messageDesc(file_countersign_v1_types, 9);
/**
 * Describes the message countersign.v1.ErrorDetail.
 * Use `create(ErrorDetailSchema)` to create a new message.
 */
export const ErrorDetailSchema = /*@__PURE__*/ messageDesc(file_countersign_v1_types, 10);
/**
 * How long a request waits for its answer: 30 s at most, and less if the call has a deadline before. If the result is not
 * final by then, the call fails with the reason OUTCOME_UNKNOWN and the id to ask with. If it is final and not sealed, the
 * call succeeds: the result stands, its receipt carries the votes instead of the seal, and the answer says in `unsealed`
 * why. GetReceipt brings the sealed receipt later.
 *
 * @generated from enum countersign.v1.Wait
 */
export const Wait = {
    /**
     * Same as WAIT_SEALED.
     *
     * @generated from enum value: WAIT_UNSPECIFIED = 0;
     */
    UNSPECIFIED: 0,
    /**
     * Until the result is final: its block is certified by a quorum of individual signatures.
     *
     * @generated from enum value: WAIT_FINAL = 1;
     */
    FINAL: 1,
    /**
     * Until the threshold signature covers the result too. If no seal can be made, because there is no group key yet or
     * too few share holders are linked to the gateway, at most one second after the result is final.
     *
     * @generated from enum value: WAIT_SEALED = 2;
     */
    SEALED: 2,
};
/**
 * Describes the enum countersign.v1.Wait.
 */
export const WaitSchema = /*@__PURE__*/ enumDesc(file_countersign_v1_types, 0);
/**
 * The reason why a final result is not sealed.
 *
 * @generated from enum countersign.v1.UnsealedReason
 */
export const UnsealedReason = {
    /**
     * Never sent.
     *
     * @generated from enum value: UNSEALED_REASON_UNSPECIFIED = 0;
     */
    UNSPECIFIED: 0,
    /**
     * The request did not wait for the seal, or the wait ended before the seal came. The seal is on its way, unless too few
     * share holders computed the block because they took it over with a snapshot: then the votes remain its proof.
     *
     * @generated from enum value: UNSEALED_REASON_NOT_YET = 1;
     */
    NOT_YET: 1,
    /**
     * There is no group key yet. Once there is one, earlier results are sealed too, by the share holders that computed them.
     *
     * @generated from enum value: UNSEALED_REASON_NO_GROUP_KEY = 2;
     */
    NO_GROUP_KEY: 2,
    /**
     * Fewer holders of a share of the group key are linked to this node than a seal needs. The seal comes when enough
     * are.
     *
     * @generated from enum value: UNSEALED_REASON_TOO_FEW_HOLDERS = 3;
     */
    TOO_FEW_HOLDERS: 3,
};
/**
 * Describes the enum countersign.v1.UnsealedReason.
 */
export const UnsealedReasonSchema = /*@__PURE__*/ enumDesc(file_countersign_v1_types, 1);
/**
 * The outcome of an ordered operation.
 *
 * @generated from enum countersign.v1.ResultStatus
 */
export const ResultStatus = {
    /**
     * Never sent.
     *
     * @generated from enum value: RESULT_STATUS_UNSPECIFIED = 0;
     */
    UNSPECIFIED: 0,
    /**
     * It changed the state.
     *
     * @generated from enum value: RESULT_STATUS_APPLIED = 1;
     */
    APPLIED: 1,
    /**
     * It was ordered and changed nothing; `reason` says why. This, too, is final and certified.
     *
     * @generated from enum value: RESULT_STATUS_DECLINED = 2;
     */
    DECLINED: 2,
};
/**
 * Describes the enum countersign.v1.ResultStatus.
 */
export const ResultStatusSchema = /*@__PURE__*/ enumDesc(file_countersign_v1_types, 2);
/**
 * The reason why an ordered operation changed nothing. If several hold, the first in this order is the reason.
 *
 * @generated from enum countersign.v1.DeclineReason
 */
export const DeclineReason = {
    /**
     * Never sent.
     *
     * @generated from enum value: DECLINE_REASON_UNSPECIFIED = 0;
     */
    UNSPECIFIED: 0,
    /**
     * The block's time was after `valid_until`.
     *
     * @generated from enum value: DECLINE_REASON_EXPIRED = 1;
     */
    EXPIRED: 1,
    /**
     * A wallet of this key and creation id exists.
     *
     * @generated from enum value: DECLINE_REASON_WALLET_EXISTS = 2;
     */
    WALLET_EXISTS: 2,
    /**
     * The paid wallet does not exist.
     *
     * @generated from enum value: DECLINE_REASON_UNKNOWN_PAYEE = 3;
     */
    UNKNOWN_PAYEE: 3,
    /**
     * The paid wallet does not hold the asset that the transfer names.
     *
     * @generated from enum value: DECLINE_REASON_ASSET_MISMATCH = 4;
     */
    ASSET_MISMATCH: 4,
    /**
     * The paying wallet held less than the amount.
     *
     * @generated from enum value: DECLINE_REASON_INSUFFICIENT_FUNDS = 5;
     */
    INSUFFICIENT_FUNDS: 5,
    /**
     * The supply of the asset would exceed 2^64 - 1.
     *
     * @generated from enum value: DECLINE_REASON_OVERFLOW = 6;
     */
    OVERFLOW: 6,
    /**
     * A step of the key ceremony out of attempt, order or membership.
     *
     * @generated from enum value: DECLINE_REASON_CEREMONY_STEP_OUT_OF_PLACE = 7;
     */
    CEREMONY_STEP_OUT_OF_PLACE: 7,
    /**
     * The creation brings no money, and its sponsor answers for as many wallets without money as the genesis allows.
     *
     * @generated from enum value: DECLINE_REASON_SPONSOR_QUOTA_USED = 8;
     */
    SPONSOR_QUOTA_USED: 8,
};
/**
 * Describes the enum countersign.v1.DeclineReason.
 */
export const DeclineReasonSchema = /*@__PURE__*/ enumDesc(file_countersign_v1_types, 3);
