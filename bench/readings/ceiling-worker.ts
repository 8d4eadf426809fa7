/**
 * One of the processes that measure the rate of signature checks: it checks as fast as it can for the milliseconds
 * that it is told, by the raw binding of libsodium, and answers with the number of checks in a second.
 */
import binding from "sodium-native/binding.js";
import { entropy, signingKeyOf } from "../../src/node/base/crypto.ts";

/** The size of a transfer as it is signed. */
const MESSAGE_BYTES = 250;
/** Different messages and keys, so that the processor's caches and branch predictors see what a node gives them. */
const CHECKS = 256;

const checks = Array.from({ length: CHECKS }, () => {
  const signer = signingKeyOf(entropy(32));
  const message = entropy(MESSAGE_BYTES);
  return { signature: signer.sign(message), message, publicKey: signer.publicKey };
});

function checkAll(): void {
  for (const { signature, message, publicKey } of checks) {
    const isGood = binding.crypto_sign_verify_detached(
      signature.buffer,
      signature.byteOffset,
      signature.byteLength,
      message.buffer,
      message.byteOffset,
      message.byteLength,
      publicKey.buffer,
      publicKey.byteOffset,
      publicKey.byteLength,
    );
    if (!isGood) throw new Error("a good signature is refused");
  }
}

function measure(ms: number): number {
  const start = performance.now();
  let count = 0;
  while (performance.now() - start < ms) {
    checkAll();
    count += CHECKS;
  }
  return (count * 1000) / (performance.now() - start);
}

checkAll();
process.on("message", (ms) => process.send?.(measure(Number(ms))));
process.on("disconnect", () => process.exit(0));
process.send?.("ready");
