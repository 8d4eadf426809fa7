/** `countersign node reload`, `drain` and `log-level`: changes to one running node, by its operator's socket. */
import { toJson } from "@bufbuild/protobuf";
import {
  DrainResponseSchema,
  ReloadResponseSchema,
} from "../../gen/countersign/v1/operator_service_pb.ts";
import { LIMITS } from "../primitives/limits.ts";
import { LOG_LEVELS } from "../primitives/log-level.ts";
import { LEVELS } from "../transport/convert-operator.ts";
import { parseWhole, usage } from "./arguments.ts";
import { EXIT } from "./command.ts";
import { CONFIG_OPTION } from "./config-option.ts";
import { defineCommand } from "./define-command.ts";
import { certificateText, levelName } from "./node-status.ts";
import { withOperator } from "./operator-access.ts";

export const nodeReload = defineCommand({
  name: "node reload",
  example: "countersign node reload --config node1/config.json",
  details:
    "The node reloads clientCertificate, clientKey, the file of access.clientAuthority, access.clientRevocations, access.clientScopes, " +
    "access.authorizationServers and logLevel, as on SIGHUP. It checks all of them first. If one is wrong, the command " +
    "names it, and the node keeps its present values. Connections whose client certificate was revoked, or whose " +
    "authority was replaced, end within two seconds; no other call is interrupted.",
  operands: [],
  options: { config: CONFIG_OPTION },
  run: async ({ values }, terminal) => {
    const answer = await withOperator("node reload", values.config, (calls) => calls.reload({}));
    const { taken, atNextStart, certificates } = answer;
    const lines = [
      taken.length === 0 ? "Nothing has changed." : `Taken: ${taken.join(", ")}.`,
      ...certificates.map((one) => `Certificate: ${certificateText(one)}.`),
      ...(atNextStart.length === 0
        ? []
        : [`Read at the next start only: ${atNextStart.join(", ")}.`]),
    ];
    terminal.answer({
      value: toJson(ReloadResponseSchema, answer, { alwaysEmitImplicit: true }),
      text: lines.join("\n"),
    });
    return EXIT.ok;
  },
});

/** Beyond the time that the node waits. */
const SPARE_MS = 10_000;

export const nodeDrain = defineCommand({
  name: "node drain",
  example: "countersign node drain --config node1/config.json --wait 30",
  details:
    "The node refuses new orders and reports itself as not ready to load balancers and " +
    "health checks. It still votes and answers reads. --resume, or the next start, puts " +
    "it back into service. Exit code 1: orders are still under way after --wait.",
  operands: [],
  options: {
    config: CONFIG_OPTION,
    wait: {
      kind: "text",
      value: "S",
      summary: "how long to wait for the answers to orders under way, seconds",
      fallback: "0",
    },
    resume: { kind: "flag", summary: "accept orders again" },
  },
  run: async ({ values }, terminal) => {
    const what = "node drain: --wait";
    const seconds = parseWhole(values.wait, { what, min: 0, max: LIMITS.drainWaitMsMax / 1000 });
    const { resume } = values;
    if (resume && seconds > 0)
      throw usage("node drain: --resume waits for nothing; leave --wait out");
    const waitMs = seconds * 1000;
    const answer = await withOperator("node drain", values.config, (calls) =>
      calls.drain({ resume, waitMs: BigInt(waitMs) }, { timeoutMs: waitMs + SPARE_MS }),
    );
    const { draining, ordersUnderWay } = answer;
    terminal.answer({
      value: toJson(DrainResponseSchema, answer, { alwaysEmitImplicit: true }),
      text: draining
        ? `Out of service; orders under way: ${ordersUnderWay}.`
        : "In service: the node takes orders.",
    });
    return draining && seconds > 0 && ordersUnderWay > 0 ? EXIT.failed : EXIT.ok;
  },
});

export const nodeLogLevel = defineCommand({
  name: "node log-level",
  example: "countersign node log-level debug --config node1/config.json",
  details:
    "The level holds until the next reload or start, which uses logLevel of the " +
    "configuration again. Without LEVEL, the command shows the level.",
  operands: [{ name: "LEVEL", summary: LOG_LEVELS.join(", "), optional: true }],
  options: { config: CONFIG_OPTION },
  run: async ({ values, operands }, terminal) => {
    const [name] = operands;
    const level = LOG_LEVELS.find((one) => one === name);
    if (name !== undefined && level === undefined) {
      throw usage(`node log-level: "${name}" is no level; give ${LOG_LEVELS.join(", ")}`);
    }
    const shown = await withOperator("node log-level", values.config, async (calls) => {
      if (level === undefined) return levelName((await calls.getNodeStatus({})).logLevel);
      await calls.setLogLevel({ level: LEVELS[level] });
      return level;
    });
    terminal.answer({ value: { logLevel: shown }, text: `The log level is ${shown}.` });
    return EXIT.ok;
  },
});
