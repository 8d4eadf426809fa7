package countersign

import (
	"encoding/hex"
	"strings"
)

const (
	resultLeafTag = "countersign/v1/result-leaf"
	operationTag  = "countersign/v1/operation"
)

// Kind is the kind of an operation. Those from 3 to 7 are steps of the key ceremony, which only nodes write.
type Kind uint8

const (
	WalletCreation Kind = 1
	Transfer       Kind = 2
	Cancellation   Kind = 8
)

// UUID is an id of an operation or a wallet.
type UUID [16]byte

func (u UUID) String() string {
	digits := hex.EncodeToString(u[:])
	return digits[:8] + "-" + digits[8:12] + "-" + digits[12:16] + "-" + digits[16:20] + "-" + digits[20:]
}

// ParseUUID reads an id in lower case, as the API writes it.
func ParseUUID(text string) (UUID, bool) {
	var found UUID
	digits, err := hex.DecodeString(strings.ReplaceAll(text, "-", ""))
	if err != nil || len(digits) != len(found) {
		return found, false
	}
	copy(found[:], digits)
	return found, found.String() == text
}

// Operation says what its author signed. Fields that its kind does not have are zero; so are those of a ceremony step.
type Operation struct {
	Kind   Kind
	Author []byte
	// ID is the caller's own; that of a cancellation is the id of the payment.
	ID UUID
	// ValidUntil is in milliseconds since 1970.
	ValidUntil uint64
	// From is the paying wallet and To the paid one.
	From, To UUID
	// Asset is a code, and Amount counts its minor units: those of a transfer, or the money of a new wallet. A code may be
	// any text of at most 64 bytes.
	Asset  string
	Amount uint64
	// Reference is any text of at most 140 bytes, or nil.
	Reference *string
	// PublicKey is a new wallet's.
	PublicKey []byte
}

// The most items and bytes of each part of an operation.
const (
	nameBytesMax       = 64
	referenceBytesMax  = 140
	packageBytesMax    = 8 * 1024
	ciphertextBytesMax = 256
)

// checkLeaf makes the checks of part 2 and puts what the result says into the verdict.
func (n *Network) checkLeaf(data, sent []byte, verdict *Verdict) *failure {
	leaf := decoder{data: data, form: "2.1"}
	leaf.expect(tag(resultLeafTag), "2.1", "another tag than a result's")
	leaf.expect(n.id, "2.2", "the result is of another network")
	operationHash, signed := string(leaf.take(32)), leaf.sized(operationBytesMax)
	leaf.require("2.3", operationHash == hash(signed), "the operation hash is not the operation's")
	leaf.require("2.4", sent == nil || string(signed) == string(sent), "the operation is not the one that was sent")
	if leaf.failure != nil {
		return leaf.failure
	}
	operation, failed := n.readOperation(signed)
	if failed != nil {
		return failed
	}
	status := leaf.number(1)
	leaf.require("2.5", status <= declineReasons, "a result that is not known")
	leaf.end("2.6")
	verdict.Operation, verdict.Outcome, verdict.DeclineReason = operation, Applied, uint8(status)
	verdict.OperationHash = []byte(operationHash)
	if status != 0 {
		verdict.Outcome = Declined
	}
	return leaf.failure
}

func (n *Network) readOperation(data []byte) (Operation, *failure) {
	d := decoder{data: data, form: "2.4"}
	d.expect(tag(operationTag), "2.4", "another tag than an operation's")
	d.expect(n.id, "2.4", "the operation is of another network")
	found := Operation{Kind: Kind(d.number(1)), Author: d.take(32), ID: d.uuid(), ValidUntil: d.counter()}
	switch found.Kind {
	case WalletCreation:
		found.PublicKey, found.Asset = d.take(32), d.text(nameBytesMax)
		if d.present() {
			found.Amount = d.number(8)
			d.require("2.4", found.Amount != 0, "a balance of zero is encoded as absent")
		}
	case Transfer:
		found.From, found.To, found.Asset, found.Amount = d.uuid(), d.uuid(), d.text(nameBytesMax), d.number(8)
		if d.present() {
			reference := d.text(referenceBytesMax)
			found.Reference = &reference
		}
	case Cancellation:
		found.From = d.uuid()
	default:
		d.skipStep(found.Kind)
	}
	d.end("2.4")
	return found, d.failure
}

// skipStep reads the fields of a step of the key ceremony.
func (d *decoder) skipStep(kind Kind) {
	d.require("2.4", kind >= 3 && kind <= 7, "a kind of operation that is not known")
	d.take(4)
	switch kind {
	case 3:
		d.take(2*d.count(membersMax) + 2)
	case 4:
		d.sized(packageBytesMax)
		d.take(32)
	case 5:
		for i := d.count(membersMax); i > 0; i-- {
			d.take(2)
			d.sized(ciphertextBytesMax)
		}
	case 6:
		d.take(32 + 32)
		d.take((2+32)*d.count(membersMax) + 64)
	case 7:
		d.take(2 + 32)
	}
}

func (d *decoder) uuid() UUID {
	var found UUID
	copy(found[:], d.take(16))
	return found
}
