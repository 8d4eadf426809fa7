// Package countersign checks receipts of a Countersign network offline, with nothing but its genesis. It makes the checks
// of docs/signing.md in their order and under their numbers, and needs only Go's standard library.
package countersign

// Outcome is what a receipt proves about its operation.
type Outcome string

const (
	Applied  Outcome = "applied"
	Declined Outcome = "declined"
	// Invalid: the receipt proves nothing.
	Invalid Outcome = "invalid"
)

// Verdict is the answer to every receipt, however malformed.
type Verdict struct {
	Outcome Outcome
	// Check is the number in docs/signing.md of the check that fails, and Problem says why; both are empty unless the
	// outcome is Invalid. Everything below is zero if it is.
	Check   string
	Problem string
	// Sealed: by the group's key. Otherwise a quorum's own votes stand for the seal, which is pending.
	Sealed bool
	// DeclineReason is numbered as DeclineReason in proto/countersign/v1/types.proto; 0 if the outcome is Applied.
	DeclineReason uint8
	Operation     Operation
	// OperationHash is the hash of the bytes that the author signed.
	OperationHash []byte
	// Height and BlockTime (milliseconds since 1970) are those of the block that holds the operation.
	Height, BlockTime uint64
	// CertifiedHeight is that of the block with the seal or the votes: the same block or one above it.
	CertifiedHeight uint64
	// Signers is the number of members who confirmed the group's key or, while the seal is pending, voted.
	Signers int
	// GroupKey has 32 bytes if Sealed.
	GroupKey []byte
}

// failure is the first check that does not hold.
type failure struct{ check, problem string }

func (f *failure) verdict() Verdict {
	return Verdict{Outcome: Invalid, Check: f.check, Problem: f.problem}
}

func fail(check, problem string) *failure {
	return &failure{check, problem}
}
