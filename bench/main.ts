/** `npm run bench`: sealed payments beside the machine's signature rate, in one run; prints figures and the machine. */
import { availableParallelism, cpus } from "node:os";
import { parseArgs } from "node:util";
import { measurePayments } from "./payments.ts";
import { measureVerifyRate } from "./verify-rate.ts";

const { values } = parseArgs({
  options: {
    nodes: { type: "string", default: "4" },
    port: { type: "string", default: "7501" },
    single: { type: "string", default: "200" },
    payers: { type: "string", default: "200" },
    seconds: { type: "string", default: "15" },
  },
});

const machine = `${availableParallelism()} × ${cpus()[0]?.model ?? "unknown"}, Node ${process.version}`;
console.log(`machine: ${machine}`);
const verifyPerSecond = await measureVerifyRate();
console.log(`libsodium verify, one process per core: ${verifyPerSecond.toFixed(0)} per second`);
const { oneInFlight, saturated } = await measurePayments({
  nodes: Number(values.nodes),
  port: Number(values.port),
  single: Number(values.single),
  payers: Number(values.payers),
  saturatedMs: Number(values.seconds) * 1000,
});
console.log(
  `one in flight: sealed receipt p50 ${oneInFlight.p50Ms.toFixed(1)} ms, ` +
    `p99 ${oneInFlight.p99Ms.toFixed(1)} ms (${oneInFlight.count} transfers)`,
);
console.log(
  `saturated: ${saturated.perSecond.toFixed(0)} sealed transfers per second, ` +
    `p50 ${saturated.p50Ms.toFixed(0)} ms, p99 ${saturated.p99Ms.toFixed(0)} ms ` +
    `(${saturated.count} transfers, ${saturated.payers} payers)`,
);
console.log(`ratio: ${(saturated.perSecond / verifyPerSecond).toFixed(4)} transfers per verify`);
