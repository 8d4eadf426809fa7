/** Identities for the tests of the transport: known seeds, one network. */
import { sha256, signingKeyOf, verify } from "../../src/node/base/crypto.ts";
import { utf8 } from "../../src/primitives/bytes.ts";

export const networkId = sha256(utf8("network of the transport tests"));
export const otherNetworkId = sha256(utf8("another network"));

/** The identity key of the node of this number; numbers from 100 are strangers. */
export function identityOf(number: number) {
  return signingKeyOf(sha256(utf8(`identity ${number}`)));
}

export const certificateCheck = { networkId, verify };
