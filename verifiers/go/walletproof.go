package countersign

import (
	"bytes"
	"math/bits"
)

const (
	walletRecordTag = "countersign/v1/wallet-record"
	walletKeyTag    = "countersign/v1/wallet-key"
	trieLeafTag     = "countersign/v1/trie-leaf"
	trieBranchTag   = "countersign/v1/trie-branch"
	trieEmptyTag    = "countersign/v1/trie-empty"
	stateRootTag    = "countersign/v1/state-root"

	trieDepthMax   = 64
	recordBytesMax = 256
)

// Wallet is the record of a wallet after a block.
type Wallet struct {
	PublicKey []byte
	// Asset is its code.
	Asset string
	// Balance in minor units.
	Balance uint64
	// StatementHead is the hash chain of its Entries.
	StatementHead []byte
	Entries       uint64
	// Sponsor is the member that let it in without money; nil if there is none.
	Sponsor *uint16
}

// A walletPath is a wallet proof, without its tag.
type walletPath struct {
	id           UUID
	block        blockProof
	ceremonyHash []byte
	steps        []trieStep
	end          uint64
	// Of the end 1.
	record []byte
	// Of the end 2.
	otherKey, otherHash []byte
}

const (
	endsInGap     = 0
	endsAtWallet  = 1
	endsAtAnother = 2
)

// A trieStep is a branch without the child on the path.
type trieStep struct {
	present  uint64
	siblings [][]byte
}

func (d *decoder) walletPath() walletPath {
	found := walletPath{id: d.uuid(), block: d.blockProof(), ceremonyHash: d.take(32)}
	for i := d.count(trieDepthMax); i > 0; i-- {
		present := d.number(2)
		found.steps = append(found.steps, trieStep{present, d.digests(bits.OnesCount64(present))})
	}
	found.end = d.number(1)
	switch found.end {
	case endsInGap:
	case endsAtWallet:
		found.record = d.sized(recordBytesMax)
	case endsAtAnother:
		found.otherKey, found.otherHash = d.take(32), d.take(32)
	default:
		d.require("form", false, "the path has an unknown end")
	}
	return found
}

func (n *Network) judgeWalletBytes(d *decoder, asked *UUID) (Proof, *failure) {
	path := d.walletPath()
	d.end("form")
	if d.failure != nil {
		return Proof{}, d.failure
	}
	return n.checkWalletPath(&path, asked)
}

// checkWalletPath makes the checks of a wallet proof behind its form.
func (n *Network) checkWalletPath(path *walletPath, asked *UUID) (Proof, *failure) {
	if asked != nil && *asked != path.id {
		return Proof{}, fail("wallet", "the proof is about wallet "+path.id.String())
	}
	first, last, failed := n.checkBlock(&path.block)
	if failed != nil {
		return Proof{}, failed
	}
	key := hash([]byte(tag(walletKeyTag)+n.id), path.id[:])
	found := path.block.proof(Absence, first, last)
	found.WalletID = path.id
	leafKey, valueHash := string(path.otherKey), string(path.otherHash)
	switch path.end {
	case endsAtWallet:
		wallet, failed := n.readRecord(path)
		if failed != nil {
			return Proof{}, failed
		}
		found.Kind, found.Wallet = WalletProof, wallet
		leafKey, valueHash = key, hash(path.record)
	case endsAtAnother:
		if leafKey == key {
			return Proof{}, fail("record", "the path ends at this wallet, but its record is not given")
		}
	}
	digest := ""
	if path.end != endsInGap {
		digest = n.hashTagged(trieLeafTag, leafKey, valueHash)
	}
	root, ok := n.walletRoot(path, key, leafKey, digest)
	if !ok || n.hashTagged(stateRootTag, root, string(path.ceremonyHash)) != first.stateRoot {
		return Proof{}, fail("state", "the path does not lead to the state root of the header")
	}
	return found, nil
}

func (n *Network) hashTagged(name string, parts ...string) string {
	data := []byte(tag(name) + n.id)
	for _, part := range parts {
		data = append(data, part...)
	}
	return hash(data)
}

// readRecord reads the record at the end of the path, which must be the wallet's.
func (n *Network) readRecord(path *walletPath) (*Wallet, *failure) {
	d := decoder{data: path.record, form: "record"}
	d.expect(tag(walletRecordTag), "record", "another tag than a wallet record's")
	d.expect(n.id, "record", "the record is of another network")
	id := d.uuid()
	d.require("record", id == path.id, "the record is of another wallet")
	found := Wallet{PublicKey: d.take(32)}
	asset := d.number(1)
	found.Balance, found.StatementHead, found.Entries = d.number(8), d.take(32), d.counter()
	if d.present() {
		sponsor := uint16(d.number(2))
		d.require("record", sponsor < membersMax, "no genesis has such a sponsor")
		found.Sponsor = &sponsor
	}
	d.end("record")
	d.require("record", asset < uint64(len(n.assets)), "the genesis has no such asset")
	if d.failure != nil {
		return nil, d.failure
	}
	found.Asset = n.assets[asset]
	return &found, nil
}

// walletRoot leads from the digest at the end of the path to the root; an empty digest is a gap. False if no trie has such a
// path. leafKey is that of the leaf at the end.
func (n *Network) walletRoot(path *walletPath, key, leafKey, digest string) (string, bool) {
	if len(path.steps) == 0 && digest == "" {
		return n.hashTagged(trieEmptyTag), true
	}
	for depth := range path.steps {
		if digest != "" && nibble(leafKey, depth) != nibble(key, depth) {
			return "", false
		}
	}
	for depth := len(path.steps) - 1; depth >= 0; depth-- {
		step, place := path.steps[depth], nibble(key, depth)
		present, bit := step.present, uint64(1)<<place
		if present&bit != 0 || digest == "" && present == 0 {
			return "", false
		}
		children := string(bytes.Join(step.siblings, nil))
		if digest != "" {
			at := 32 * bits.OnesCount64(present&(bit-1))
			children, present = children[:at]+digest+children[at:], present|bit
		}
		digest = n.hashTagged(trieBranchTag, string([]byte{byte(present >> 8), byte(present)}), children)
	}
	return digest, true
}

// nibble is half a byte of a trie key; the high half of a byte is in front.
func nibble(key string, depth int) byte {
	return key[depth/2] >> (4 * (1 - depth%2)) & 0x0f
}
