package countersign

// IsNeverMade is true if the receipt, of the operation with the signed bytes cancellation, proves that the payment with these
// signed bytes was not ordered and never will be (docs/signing.md, "Cancellations").
func (n *Network) IsNeverMade(payment, cancellation, receipt []byte) bool {
	return cancellation != nil && n.RulesOut(n.Judge(receipt, cancellation), payment)
}

// RulesOut is true if the verdict proves a cancellation by which the payment with these signed bytes is never made.
func (n *Network) RulesOut(verdict Verdict, payment []byte) bool {
	paid, failed := n.readOperation(payment)
	if failed != nil || paid.Kind != Transfer {
		return false
	}
	other := verdict.Operation
	if verdict.Outcome == Invalid || other.Kind != Cancellation {
		return false
	}
	if string(paid.Author) != string(other.Author) || paid.ID != other.ID || paid.From != other.From {
		return false
	}
	earliest, latest := n.Window(verdict)
	return earliest <= paid.ValidUntil && paid.ValidUntil <= latest
}

// Window gives the deadlines, in milliseconds since 1970, of the payments that a proved cancellation rules out.
func (n *Network) Window(verdict Verdict) (earliest, latest uint64) {
	if verdict.BlockTime > n.graceMs {
		earliest = verdict.BlockTime - n.graceMs
	}
	return earliest, verdict.Operation.ValidUntil
}
