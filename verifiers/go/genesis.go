package countersign

import (
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strconv"
)

const (
	genesisTag = "countersign/v1/genesis"
	// GenesisBytesMax is the size of the largest genesis that is read.
	GenesisBytesMax = 1024 * 1024
	// ReceiptBytesMax is the size of the largest receipt that can be valid.
	ReceiptBytesMax = receiptBytesMax
	assetsMax       = 16
	issuersMax      = 256
	assetScaleMax   = 18
	rulesetMax      = 65535
	// Rulesets whose heights a genesis names.
	rulesetStartsMax = 16
)

var (
	limitNames  = []string{"blockOperationsMax", "blockBytesMax", "sponsoredPerBlockMax", "unfundedPerSponsorMax"}
	timingNames = []string{"graceMs", "lifetimeMsMax", "clockSkewMs", "viewTimeoutMs", "viewTimeoutMsMax", "sealTimeoutMs",
		"ceremonyTimeoutMs"}
	memberName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)
	assetCode  = regexp.MustCompile(`^[A-Z0-9]{1,16}$`)
	keyDigits  = regexp.MustCompile(`^[0-9a-f]{64}$`)
)

// Network is what a verifier trusts: one network, and the members that its genesis names.
type Network struct {
	// The network id, 32 bytes.
	id      string
	members []networkMember
	scales  map[string]int
	// Codes of the assets, in the order of the genesis.
	assets  []string
	graceMs uint64
}

type networkMember struct {
	id          string
	identityKey []byte
}

// Members is the number of members.
func (n *Network) Members() int {
	return len(n.members)
}

// Scale is the number of digits behind the point of an asset's amounts.
func (n *Network) Scale(asset string) (int, bool) {
	scale, ok := n.scales[asset]
	return scale, ok
}

// ParseGenesis reads the genesis file that you trust. It checks the form of every field, and that no two members share a key
// with which they sign; it does not judge limits and timings, which bind nodes only.
func ParseGenesis(text []byte) (*Network, error) {
	tree, failed := parse(text, GenesisBytesMax)
	if failed != nil {
		return nil, fmt.Errorf("the genesis cannot be read: %s", failed.problem)
	}
	r := genesisReader{network: Network{scales: map[string]int{}}, encoded: []byte(tag(genesisTag))}
	r.genesis(tree)
	if r.err != nil {
		return nil, r.err
	}
	r.network.id = hash(r.encoded)
	return &r.network, nil
}

// A genesisReader writes the canonical encoding while it reads. It keeps its first error; what it reads after that is zero.
type genesisReader struct {
	network Network
	encoded []byte
	err     error
}

func (r *genesisReader) require(holds bool, path, problem string) {
	if !holds && r.err == nil {
		r.err = fmt.Errorf("the genesis is wrong: %s %s", path, problem)
	}
}

func (r *genesisReader) genesis(tree value) {
	root := r.recordWith(tree, "the whole", "rulesets", "createdAt", "validators", "assets", "issuers", "limits", "timings")
	r.number(root["createdAt"], "createdAt")
	seen := map[string]bool{}
	for i, item := range r.list(root["validators"], "validators", 2, membersMax) {
		r.member(item, fmt.Sprintf("validators[%d]", i), seen)
	}
	for i, item := range r.list(root["assets"], "assets", 1, assetsMax) {
		r.asset(item, fmt.Sprintf("assets[%d]", i))
	}
	for i, item := range r.list(root["issuers"], "issuers", 1, issuersMax) {
		r.key(item, fmt.Sprintf("issuers[%d]", i))
	}
	limits := r.record(root["limits"], "limits", limitNames...)
	for _, name := range limitNames {
		r.number(limits[name], "limits."+name)
	}
	timings := r.record(root["timings"], "timings", timingNames...)
	for _, name := range timingNames {
		found := r.number(timings[name], "timings."+name)
		if name == "graceMs" {
			r.network.graceMs = found
		}
	}
	if rulesets, there := root["rulesets"]; there {
		r.rulesets(r.list(rulesets, "rulesets", 1, rulesetStartsMax))
	}
}

// rulesets are those that begin at heights that the genesis names, both ascending. A genesis without them has no such field.
func (r *genesisReader) rulesets(items []value) {
	var ruleset, height uint64 = 1, 0
	for i, item := range items {
		path := fmt.Sprintf("rulesets[%d]", i)
		f := r.record(item, path, "ruleset", "height")
		number := r.plain(f["ruleset"], path+".ruleset")
		r.require(number > ruleset && number <= rulesetMax, path+".ruleset", "does not follow the one before")
		r.encoded = append(r.encoded, byte(number>>8), byte(number))
		at := r.number(f["height"], path+".height")
		r.require(at > height, path+".height", "does not follow the one before")
		ruleset, height = number, at
	}
}

func (r *genesisReader) member(item value, path string, seen map[string]bool) {
	f := r.record(item, path, "id", "peerAddress", "clientAddress", "identityKey", "custodyKey")
	id := r.text(f["id"], path+".id")
	r.require(memberName.MatchString(id), path+".id", "is not 1 to 63 of a-z, 0-9 and hyphen")
	r.text(f["peerAddress"], path+".peerAddress")
	r.text(f["clientAddress"], path+".clientAddress")
	identityKey, custodyKey := r.key(f["identityKey"], path+".identityKey"), r.key(f["custodyKey"], path+".custodyKey")
	for _, one := range []string{id, string(identityKey), string(custodyKey)} {
		r.require(!seen[one], path, "repeats a name or key")
		seen[one] = true
	}
	r.network.members = append(r.network.members, networkMember{id, identityKey})
}

func (r *genesisReader) asset(item value, path string) {
	f := r.record(item, path, "code", "scale")
	code := r.text(f["code"], path+".code")
	r.require(assetCode.MatchString(code), path+".code", "is not 1 to 16 of A-Z and 0-9")
	_, twice := r.network.scales[code]
	r.require(!twice, path+".code", "stands twice")
	scale := r.plain(f["scale"], path+".scale")
	r.require(scale <= assetScaleMax, path+".scale", fmt.Sprintf("is above %d", assetScaleMax))
	r.encoded = append(r.encoded, byte(scale))
	r.network.scales[code] = int(scale)
	r.network.assets = append(r.network.assets, code)
}

// record reads an object with exactly these names.
func (r *genesisReader) record(v value, path string, names ...string) map[string]value {
	return r.recordWith(v, path, "", names...)
}

// recordWith reads an object with these names, and perhaps the optional one.
func (r *genesisReader) recordWith(v value, path, optional string, names ...string) map[string]value {
	given, ok := v.(object)
	r.require(ok, path, "is no object")
	found := map[string]value{}
	for _, one := range given {
		known := slices.Contains(names, one.name) || optional != "" && one.name == optional
		r.require(known, path, "has an unknown name, "+strconv.QuoteToASCII(one.name))
		found[one.name] = one.value
	}
	for _, name := range names {
		_, there := found[name]
		r.require(there, path, "lacks "+name)
	}
	return found
}

func (r *genesisReader) list(v value, path string, least, most int) list {
	items, ok := v.(list)
	holds := ok && len(items) >= least && len(items) <= most
	r.require(holds, path, fmt.Sprintf("is no list of %d to %d items", least, most))
	if r.err != nil {
		return nil
	}
	r.encoded = append(r.encoded, 0, 0, byte(len(items)>>8), byte(len(items)))
	return items
}

// plain reads a bare number in plain digits.
func (r *genesisReader) plain(v value, path string) uint64 {
	digits, isNumber := v.(number)
	found, err := strconv.ParseUint(string(digits), 10, 64)
	r.require(isNumber && err == nil && found <= counterMax, path, "is no whole number in plain digits below 2^53")
	return found
}

func (r *genesisReader) number(v value, path string) uint64 {
	found := r.plain(v, path)
	r.encoded = appendU64(r.encoded, found)
	return found
}

func (r *genesisReader) text(v value, path string) string {
	found, ok := v.(string)
	r.require(ok && len(found) <= 1024, path, "is no text of at most 1024 bytes")
	r.encoded = appendText(r.encoded, found)
	return found
}

func (r *genesisReader) key(v value, path string) []byte {
	digits, ok := v.(string)
	r.require(ok && keyDigits.MatchString(digits), path, "is not 64 lower-case hexadecimal digits")
	if r.err != nil {
		return nil
	}
	found, _ := hex.DecodeString(digits)
	r.require(isPublicKey(found), path, "is not the canonical encoding of a point of prime order")
	r.encoded = append(r.encoded, found...)
	return found
}
