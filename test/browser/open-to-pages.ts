// A node of a running network that pages of one origin may call.
import { readFileSync, writeFileSync } from "node:fs";
import { expect } from "vitest";
import { countersign } from "../cli/countersign.ts";
import type { Devnet } from "../support/devnet.ts";

/** Starts the node again with the origin in its configuration; gives a token with the scopes `submit` and `read`. */
export async function openToPages(devnet: Devnet, index: number, origin: string): Promise<string> {
  const { configFile } = devnet.node(index);
  const config = JSON.parse(readFileSync(configFile, "utf8"));
  const access = { corsOrigins: [origin], access: { tokens: true } };
  writeFileSync(configFile, JSON.stringify({ ...config, ...access }));
  await devnet.kill(index);
  await devnet.restart(index);
  const options = ["--name", "page", "--scopes", "submit,read", "--json"];
  const made = await countersign(["token", "create", "--config", configFile, ...options]);
  expect(made.code, made.error).toBe(0);
  return JSON.parse(made.out).text;
}
