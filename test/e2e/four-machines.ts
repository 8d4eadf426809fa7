/**
 * Four machines and a client's, as network namespaces on one bridge: an IPv4 address, an IPv6 address, a name with both, and
 * one member behind a router that maps its ports. This program walks through docs/operations.md on them. It runs inside
 * namespaces that its starter made, so nothing of it reaches the machine's own network or outlives it.
 */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Machine, walkThrough } from "./operators-walk.ts";

const [home = ""] = process.argv.slice(2);
const MAPPING = join(import.meta.dirname, "port-mapping.ts");
/** The router's outer address, its inner one, and that of the member behind it. */
const ROUTER = { outer: "10.77.0.4", inner: "192.168.77.1", behind: "192.168.77.2" };
/** The router's own ports through which the member behind it dials the others. */
const OUTWARD_PORT = 7201;
const MEMBERS = [
  { name: "alpha", ipv4: "10.77.0.1", ipv6: "fd77::1", host: "10.77.0.1" },
  { name: "bravo", ipv4: "10.77.0.2", ipv6: "fd77::2", host: "[fd77::2]" },
  { name: "charlie", ipv4: "10.77.0.3", ipv6: "fd77::3", host: "charlie.test" },
  { name: "delta", ipv4: ROUTER.outer, ipv6: "fd77::4", host: "delta.test" },
] as const;
const CLIENT = { name: "client", ipv4: "10.77.0.9", ipv6: "fd77::9" };

process.exitCode = await main();
process.exit();

async function main(): Promise<number> {
  run("ip", "link", "set", "lo", "up");
  run("ip", "link", "add", "bridge", "type", "bridge");
  run("ip", "link", "set", "bridge", "up");
  nameMachines();
  for (const { name, ipv4, ipv6 } of [...MEMBERS, CLIENT]) {
    connectMachine(name === "delta" ? "router" : name, ipv4, ipv6);
  }
  hideBehindRouter();
  await mapPorts();
  const members = MEMBERS.map(
    ({ name, host }): Machine => ({
      name,
      host,
      command: within(name),
      adapt: (text) => text,
      after: (block, folder) => {
        if (block === "init" && name === "delta") dialThroughRouter(folder);
      },
    }),
  );
  const client = { name: "client", host: "", command: within("client"), adapt: same };
  const { code, output } = await walkThrough(home, members, client);
  console.log(output);
  return code;
}

function same(text: string): string {
  return text;
}

/** The names of all machines, in the file that the system's resolver reads first. */
function nameMachines(): void {
  const file = join(home, "hosts");
  const lines = MEMBERS.flatMap(({ name, ipv4, ipv6 }) => {
    const both = [`${ipv6} ${name}.test`, `${ipv4} ${name}.test`];
    return name === "delta" ? both.slice(1) : both;
  });
  writeFileSync(file, `127.0.0.1 localhost\n::1 localhost\n${lines.join("\n")}\n`);
  run("mount", "--bind", file, "/etc/hosts");
}

function namespaceOf(name: string): string {
  return join(home, `net-${name}`);
}

/** The beginning of a command that is run on the machine. */
function within(name: string): string[] {
  return ["nsenter", `--net=${namespaceOf(name)}`, "--"];
}

function createMachine(name: string): void {
  writeFileSync(namespaceOf(name), "");
  run("unshare", `--net=${namespaceOf(name)}`, "true");
  run(...within(name), "ip", "link", "set", "lo", "up");
}

/** A machine with a line to the bridge. */
function connectMachine(name: string, ipv4: string, ipv6: string): void {
  createMachine(name);
  const line = `to-${name}`;
  run(
    "ip",
    "link",
    "add",
    line,
    "type",
    "veth",
    "peer",
    "name",
    "eth0",
    "netns",
    namespaceOf(name),
  );
  run("ip", "link", "set", line, "master", "bridge", "up");
  const ip = (...args: string[]) => run(...within(name), "ip", ...args);
  ip("addr", "add", `${ipv4}/24`, "dev", "eth0");
  ip("-6", "addr", "add", `${ipv6}/64`, "dev", "eth0", "nodad");
  ip("link", "set", "eth0", "up");
}

/** A line from the router to the member behind it, which knows no other way. */
function hideBehindRouter(): void {
  createMachine("delta");
  const inside = ["link", "add", "lan", "type", "veth", "peer", "name", "eth0"];
  run(...within("router"), "ip", ...inside, "netns", namespaceOf("delta"));
  for (const [name, device, address] of [
    ["router", "lan", ROUTER.inner],
    ["delta", "eth0", ROUTER.behind],
  ] as const) {
    run(...within(name), "ip", "addr", "add", `${address}/24`, "dev", device);
    run(...within(name), "ip", "link", "set", device, "up");
  }
}

/** A program, for want of a kernel that lets this test translate addresses. */
async function mapPorts(): Promise<void> {
  const inward = [7001, 7101].flatMap((port) => [ROUTER.outer, port, ROUTER.behind, port]);
  const outward = MEMBERS.slice(0, 3).flatMap(({ ipv4 }, i) => {
    return [ROUTER.inner, OUTWARD_PORT + i, ipv4, 7101];
  });
  const [file = "", ...args] = [...within("router"), process.execPath, MAPPING];
  const mapping = spawn(file, [...args, ...[...inward, ...outward].map(String)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await Promise.race([
    once(mapping.stdout, "data"),
    once(mapping, "exit").then(() => Promise.reject(new Error("the router has ended"))),
  ]);
}

/** The key `peers`: the member behind the router reaches the others at addresses of its own. */
function dialThroughRouter(folder: string): void {
  const others = MEMBERS.slice(0, 3).map(({ name }, i) => [
    name,
    `${ROUTER.inner}:${OUTWARD_PORT + i}`,
  ]);
  change(join(folder, "delta", "config.json"), { peers: Object.fromEntries(others) });
}

function change(file: string, keys: object): void {
  const config: object = JSON.parse(readFileSync(file, "utf8"));
  writeFileSync(file, JSON.stringify({ ...config, ...keys }));
}

function run(...command: string[]): void {
  const [file = "", ...args] = command;
  execFileSync(file, args, { stdio: ["ignore", "inherit", "inherit"] });
}
