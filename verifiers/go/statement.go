package countersign

import (
	"fmt"
	"math/bits"
)

const (
	statementEntryTag = "countersign/v1/statement-entry"
	walletIDTag       = "countersign/v1/wallet-id"

	statementEntriesMax = 100_000
)

// Carried is the number of a wallet's entries at one place of its statement, and the balance there.
type Carried struct {
	Entries, Balance uint64
}

// Entry is in the statement of a wallet exactly as it says.
type Entry struct {
	// Number counts from 1, the wallet's creation.
	Number, Height uint64
	OperationHash  []byte
	// Operation is nil if the statement gives only its hash.
	Operation *Operation
	// Out is true if money left the wallet. Amount and Balance, which is after the entry, are minor units.
	Out             bool
	Amount, Balance uint64
}

type statementProof struct {
	closing walletPath
	// Nil if the first entry is the wallet's first.
	opening *carriedHead
	entries []statementEntry
}

// A carriedHead is a wallet at one place of its statement.
type carriedHead struct {
	Carried
	head string
}

type statementEntry struct {
	height, amount uint64
	out            bool
	// One of these.
	hash, operation []byte
}

func (d *decoder) statementProof() statementProof {
	found := statementProof{closing: d.walletPath()}
	if d.present() {
		found.opening = &carriedHead{Carried{d.counter(), d.number(8)}, string(d.take(32))}
	}
	for i := d.count(statementEntriesMax); i > 0 && d.failure == nil; i-- {
		found.entries = append(found.entries, d.statementEntry())
	}
	return found
}

func (d *decoder) statementEntry() statementEntry {
	found := statementEntry{height: d.counter(), out: d.present(), amount: d.number(8)}
	d.require("form", !found.out || found.amount != 0, "an amount of minus zero")
	if d.present() {
		found.operation = d.sized(operationBytesMax)
	} else {
		found.hash = d.take(32)
	}
	return found
}

func (n *Network) judgeStatementBytes(d *decoder, asked *UUID) (Proof, *failure) {
	proof := d.statementProof()
	d.end("form")
	if d.failure != nil {
		return Proof{}, d.failure
	}
	found, failed := n.checkWalletPath(&proof.closing, asked)
	if failed != nil {
		return Proof{}, failed
	}
	if found.Kind == Absence {
		return Proof{}, fail("record", "the path ends without a record of the wallet")
	}
	at := carriedHead{head: string(make([]byte, 32))}
	if proof.opening != nil {
		at = *proof.opening
		if at.Entries == 0 {
			return Proof{}, fail("opening", "the opening of a whole statement is given, but must be absent")
		}
	}
	found.Kind, found.Opening = StatementProof, at.Carried
	for _, one := range proof.entries {
		entry, failed := n.follow(&at, one, found.WalletID, found.Wallet.Asset)
		if failed != nil {
			return Proof{}, failed
		}
		found.Entries = append(found.Entries, entry)
	}
	closing := carriedHead{Carried{found.Wallet.Entries, found.Wallet.Balance}, string(found.Wallet.StatementHead)}
	if at != closing {
		return Proof{}, fail("chain", "the entries do not lead from the opening to the closing record")
	}
	return found, nil
}

// follow moves at behind one entry.
func (n *Network) follow(at *carriedHead, one statementEntry, id UUID, asset string) (Entry, *failure) {
	found := Entry{Number: at.Entries + 1, Height: one.height, OperationHash: one.hash, Out: one.out, Amount: one.amount}
	if one.hash == nil {
		operation, failed := n.readOperation(one.operation)
		if failed != nil {
			return Entry{}, fail("operation", fmt.Sprintf("entry %d: %s", found.Number, failed.problem))
		}
		if amount, out, moves := n.movement(operation, id, asset); !moves || amount != one.amount || out != one.out {
			return Entry{}, fail("operation", fmt.Sprintf("entry %d is not what its operation does", found.Number))
		}
		found.Operation, found.OperationHash = &operation, []byte(hash(one.operation))
	}
	balance, carry := bits.Add64(at.Balance, one.amount, 0)
	if one.out {
		balance, carry = bits.Sub64(at.Balance, one.amount, 0)
	}
	if carry != 0 || found.Number > counterMax {
		return Entry{}, fail("entry", fmt.Sprintf("entry %d leaves a balance that no wallet has", found.Number))
	}
	found.Balance = balance
	flag := byte(0)
	if one.out {
		flag = 1
	}
	data := append([]byte(tag(statementEntryTag)+n.id), at.head...)
	data = append(appendU64(appendU64(data, found.Number), one.height), found.OperationHash...)
	data = appendU64(appendU64(append(data, flag), one.amount), balance)
	*at = carriedHead{Carried{found.Number, balance}, hash(data)}
	return found, nil
}

// movement is what an applied operation does to a wallet; moves is false if it does nothing to it. An amount of zero does not
// leave the wallet.
func (n *Network) movement(operation Operation, id UUID, asset string) (amount uint64, out, moves bool) {
	if operation.Asset != asset {
		return 0, false, false
	}
	switch operation.Kind {
	case WalletCreation:
		return operation.Amount, false, n.createdWallet(operation) == id
	case Transfer:
		out = operation.From == id
		return operation.Amount, out && operation.Amount != 0, out || operation.To == id
	}
	return 0, false, false
}

// createdWallet is the id of the wallet that a creation makes: the first 122 bits of a hash, as a UUIDv8.
func (n *Network) createdWallet(operation Operation) UUID {
	digest := n.hashTagged(walletIDTag, string(operation.PublicKey), string(operation.ID[:]))
	var found UUID
	copy(found[:6], digest)
	found[6] = 0x80 | digest[6]>>4
	found[7] = digest[6]<<4 | digest[7]>>4
	found[8] = 0x80 | digest[7]&0x0f<<2 | digest[8]>>6
	for i := 9; i < 16; i++ {
		found[i] = digest[i-1]<<2 | digest[i]>>6
	}
	return found
}
