/** Measures how many Ed25519 signatures the whole machine checks in a second, with one process for each core. */
import { fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { entropy, signingKeyOf, verify } from "../src/node/base/crypto.ts";

const MEASURE_MS = 2_000;
const MESSAGE_LENGTH = 180;

/** Signatures per second, over all cores. */
export async function measureVerifyRate(): Promise<number> {
  const file = fileURLToPath(import.meta.url);
  const rates = Array.from({ length: availableParallelism() }, () => {
    const child = fork(file, { stdio: "inherit" });
    return new Promise<number>((resolve, reject) => {
      child.once("message", (rate) => resolve(Number(rate)));
      child.once("error", reject);
    });
  });
  return (await Promise.all(rates)).reduce((sum, rate) => sum + rate, 0);
}

function measureHere(): number {
  const signer = signingKeyOf(entropy(32));
  const message = entropy(MESSAGE_LENGTH);
  const check = { publicKey: signer.publicKey, message, signature: signer.sign(message) };
  const start = performance.now();
  let count = 0;
  while (performance.now() - start < MEASURE_MS) {
    for (let i = 0; i < 100; i++)
      if (!verify(check)) throw new Error("a good signature is refused");
    count += 100;
  }
  return (count * 1000) / (performance.now() - start);
}

if (process.send !== undefined && process.argv[1] === fileURLToPath(import.meta.url)) {
  process.send(measureHere());
  process.disconnect();
}
