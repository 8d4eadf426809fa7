package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	countersign "countersign.example/verify"
)

// The reasons of check 2.5, from 1 on.
var declines = []string{
	"its block came after its deadline", "the wallet exists", "the wallet to be paid does not exist", "the assets differ",
	"the paying wallet held less", "the supply would exceed its bound", "the step was out of place",
	"its sponsor answers for as many wallets without money as it may",
}

// summary is for people. Every text from outside is quoted, in ASCII.
func summary(network *countersign.Network, verdict countersign.Verdict) string {
	var out strings.Builder
	if verdict.Outcome == countersign.Invalid {
		line(&out, "receipt", fmt.Sprintf("INVALID, proves nothing (check %s: %s)", verdict.Check, verdict.Problem))
		return out.String()
	}
	outcome := "applied"
	if reason := int(verdict.DeclineReason); reason > 0 && reason <= len(declines) {
		outcome = fmt.Sprintf("DECLINED, nothing changed (%s)", declines[reason-1])
	}
	certified, by := "sealed", "by %d of %d members, at height %d"
	if !verdict.Sealed {
		certified, by = "final, seal pending", "by the votes of %d of %d members, at height %d"
	}
	line(&out, "receipt", fmt.Sprintf("valid: %s, %s", outcome, certified))
	describe(&out, network, verdict)
	line(&out, "block", fmt.Sprintf("height %d, %s", verdict.Height, at(verdict.BlockTime)))
	name := strings.SplitN(certified, ",", 2)[0]
	line(&out, name, fmt.Sprintf(by, verdict.Signers, network.Members(), verdict.CertifiedHeight))
	if verdict.Sealed {
		line(&out, "group key", digits(verdict.GroupKey))
	}
	line(&out, "network", network.ID())
	return out.String()
}

func describe(out *strings.Builder, network *countersign.Network, verdict countersign.Verdict) {
	operation := verdict.Operation
	switch operation.Kind {
	case countersign.Transfer:
		line(out, "transfer", money(network, operation))
		line(out, "from", operation.From.String())
		line(out, "to", operation.To.String())
		line(out, "id", operation.ID.String())
		if operation.Reference != nil {
			line(out, "reference", strconv.QuoteToASCII(*operation.Reference))
		}
	case countersign.WalletCreation:
		line(out, "creation", "wallet with "+money(network, operation))
		line(out, "key", digits(operation.PublicKey))
		line(out, "creation id", operation.ID.String())
	case countersign.Cancellation:
		earliest, latest := network.Window(verdict)
		line(out, "cancelled", fmt.Sprintf("payments under this id are never made if valid until %s to %s", at(earliest), at(latest)))
		line(out, "from", operation.From.String())
		line(out, "id", operation.ID.String())
	default:
		line(out, "operation", fmt.Sprintf("step of the key ceremony (kind %d)", operation.Kind))
	}
}

// money shows an amount with the point that the genesis gives its asset.
func money(network *countersign.Network, operation countersign.Operation) string {
	units := strconv.FormatUint(operation.Amount, 10)
	scale, known := network.Scale(operation.Asset)
	if !known {
		return fmt.Sprintf("%s minor units of %s, which the genesis does not name", units, strconv.QuoteToASCII(operation.Asset))
	}
	shown := units
	if scale > 0 {
		shown = strings.Repeat("0", max(0, scale+1-len(units))) + units
		shown = shown[:len(shown)-scale] + "." + shown[len(shown)-scale:]
	}
	return fmt.Sprintf("%s %s (%s minor units)", shown, operation.Asset, units)
}

// at shows milliseconds since 1970, exactly.
func at(ms uint64) string {
	const latest = 253402300799999
	if ms > latest {
		return fmt.Sprintf("%d ms since 1970", ms)
	}
	return time.UnixMilli(int64(ms)).UTC().Format("2006-01-02T15:04:05.000Z")
}
