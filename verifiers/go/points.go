package countersign

import (
	"bytes"
	"crypto/ed25519"
	"math/big"
	"sync/atomic"
)

// Points of Ed25519 (RFC 8032, section 5.1).
var (
	prime = new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 255), big.NewInt(19))
	// The order of the base point.
	order = bigOf("7237005577332262213973186563042994240857116359379907606001950938285454250989")
	curve = modulo(new(big.Int).Mul(big.NewInt(-121665), new(big.Int).ModInverse(big.NewInt(121666), prime)))
	// The y of the eight points of small order, without the sign of x.
	smallY = [...][32]byte{
		{}, {1}, encoded(new(big.Int).Sub(prime, big.NewInt(1))),
		encoded(bigOf("2707385501144840649318225287225658788936804267575313519463743609750303402022")),
		encoded(bigOf("55188659117513257062467267217118295137698188065244968500265048394206261417927")),
	}
)

func bigOf(digits string) *big.Int {
	found, _ := new(big.Int).SetString(digits, 10)
	return found
}

func modulo(number *big.Int) *big.Int {
	return number.Mod(number, prime)
}

func times(left, right *big.Int) *big.Int {
	return modulo(new(big.Int).Mul(left, right))
}

// encoded is the little-endian form.
func encoded(y *big.Int) [32]byte {
	var found [32]byte
	y.FillBytes(found[:])
	reverse(&found)
	return found
}

func reverse(data *[32]byte) {
	for i := 0; i < 16; i++ {
		data[i], data[31-i] = data[31-i], data[i]
	}
}

// split gives y and the sign of x.
func split(data []byte) (y [32]byte, sign byte) {
	copy(y[:], data)
	sign = y[31] >> 7
	y[31] &= 0x7f
	return y, sign
}

// isSignature follows the rule of the protocol: RFC 8032 without the cofactor, and neither the key nor R of small order.
// ed25519.Verify requires an S below the order, and compares R with the canonical encoding of a point; it takes a key with a
// second encoding, and points of small order.
func isSignature(publicKey, message, signature []byte) bool {
	if len(publicKey) != ed25519.PublicKeySize || len(signature) != ed25519.SignatureSize {
		return false
	}
	for _, point := range [][]byte{publicKey, signature[:32]} {
		if !isCanonical(point) || isSmall(point) {
			return false
		}
	}
	return ed25519.Verify(publicKey, message, signature)
}

// isCanonical is true if y is below the prime. The other encodings that are not canonical have an x of 0, hence a small order.
func isCanonical(data []byte) bool {
	y, _ := split(data)
	reverse(&y)
	return new(big.Int).SetBytes(y[:]).Cmp(prime) < 0
}

func isSmall(data []byte) bool {
	y, _ := split(data)
	for _, small := range smallY {
		if bytes.Equal(y[:], small[:]) {
			return true
		}
	}
	return false
}

// The last point that isPublicKey found to be one: receipts of one network name one group key.
var lastPublicKey atomic.Pointer[[32]byte]

// isPublicKey is true of the canonical encoding of a point of prime order. Anything else verifies what its owner never signed.
func isPublicKey(data []byte) bool {
	if len(data) != 32 || !isCanonical(data) || isSmall(data) {
		return false
	}
	key := [32]byte(data)
	if last := lastPublicKey.Load(); last != nil && *last == key {
		return true
	}
	found, ok := decode(data)
	if !ok || !multiply(order, found).isZero() {
		return false
	}
	lastPublicKey.Store(&key)
	return true
}

// A point in extended coordinates.
type point struct{ x, y, z, t *big.Int }

// decode follows section 5.1.3, for encodings that isCanonical takes and isSmall does not.
func decode(data []byte) (point, bool) {
	little, sign := split(data)
	reverse(&little)
	y := new(big.Int).SetBytes(little[:])
	square := times(y, y)
	u := modulo(new(big.Int).Sub(square, big.NewInt(1)))
	v := modulo(new(big.Int).Add(times(curve, square), big.NewInt(1)))
	x := new(big.Int).ModSqrt(times(u, new(big.Int).ModInverse(v, prime)), prime)
	if x == nil {
		return point{}, false
	}
	if byte(x.Bit(0)) != sign {
		x.Sub(prime, x)
	}
	return point{x, y, big.NewInt(1), times(x, y)}, true
}

func (p point) add(q point) point {
	sum := func(left, right *big.Int) *big.Int { return new(big.Int).Add(left, right) }
	difference := func(left, right *big.Int) *big.Int { return new(big.Int).Sub(left, right) }
	a := times(difference(p.y, p.x), difference(q.y, q.x))
	b := times(sum(p.y, p.x), sum(q.y, q.x))
	c := times(times(sum(p.t, p.t), q.t), curve)
	d := times(sum(p.z, p.z), q.z)
	e, f, g, h := difference(b, a), difference(d, c), sum(d, c), sum(b, a)
	return point{times(e, f), times(g, h), times(f, g), times(e, h)}
}

func (p point) isZero() bool {
	return p.x.Sign() == 0 && p.y.Cmp(p.z) == 0
}

func multiply(factor *big.Int, p point) point {
	result := point{big.NewInt(0), big.NewInt(1), big.NewInt(1), big.NewInt(0)}
	for i := factor.BitLen() - 1; i >= 0; i-- {
		result = result.add(result)
		if factor.Bit(i) == 1 {
			result = result.add(p)
		}
	}
	return result
}
