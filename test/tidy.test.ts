// Checks the promises that the project makes about its own files. test/support/tidy shows that each check can fail.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { lightModules } from "./support/light-package.ts";
import { checkClocks, checkTimers } from "./support/tidy/clocks.ts";
import { checkHeads, checkSilencers } from "./support/tidy/conventions.ts";
import { checkDomainTags } from "./support/tidy/domain-tags.ts";
import { checkDuplicates } from "./support/tidy/duplicates.ts";
import { checkEpochs } from "./support/tidy/epochs.ts";
import { checkLayers } from "./support/tidy/layers.ts";
import { checkPortability } from "./support/tidy/portability.ts";
import { bannedWords, checkDocComments, checkWords } from "./support/tidy/prose.ts";
import { checkPurity } from "./support/tidy/purity.ts";
import { checkReachability } from "./support/tidy/reachability.ts";
import {
  checkCore,
  checkFileLengths,
  checkFunctionLengths,
  noteLongFiles,
} from "./support/tidy/sizes.ts";
import { type Finding, formatFindings, readSources } from "./support/tidy/source.ts";
import { checkTracked, trackedFiles } from "./support/tidy/tracked.ts";
import { checkFileNames, checkTypeNames } from "./support/tidy/unique-names.ts";
import { checkNodeFile, checkSpreadParts, functionProperties } from "./support/tidy/wiring.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** The entry points of the running system. Code that they do not reach is dead. */
const SOURCE_ENTRIES = [
  "src/cli/main.ts",
  // The entry points of the package for programs.
  "src/client/gateway-client.ts",
  "src/client/web-gateway-client.ts",
  // The cryptography of programs without libsodium.
  "src/client/node-ledger-client.ts",
  "src/client/web-ledger-client.ts",
  "src/client/outbox.ts",
  "src/client/outbox-file.ts",
  "src/client/outbox-database.ts",
  "src/client/openssl-crypto.ts",
  "src/client/receipt-verifier.ts",
  // Proofs as files, for auditors.
  "src/client/proof-file.ts",
  "src/client/statement-excerpt.ts",
  "src/client/wallet.ts",
  // The store that tests and the simulator use; it passes the same suite as the embedded one.
  "src/storage/memory-store.ts",
];

/** Programs beside the tests. */
const OTHER_ENTRIES = [
  "bench/main.ts",
  "explorer/main.tsx",
  // Started by bench/micro/micro-command.ts, in the folder of each compared revision.
  "bench/micro/micro-main.ts",
  "bench/storage.ts",
  "scripts/api-reference.ts",
  "scripts/check.ts",
  "scripts/demo.ts",
  "scripts/doctor-page.ts",
  "scripts/explorer.ts",
  "scripts/metrics-page.ts",
  "scripts/rule-index.ts",
  "test/attack/main.ts",
  // Started by main.ts: a hostile member, a hostile client, a program that only burns processor time, and a module
  // loaded into nodes.
  "test/attack/member.ts",
  "test/attack/client.ts",
  "test/attack/burner.ts",
  "test/attack/heap-probe.ts",
  "test/chaos/main.ts",
  // Started by outbox.test.ts, which kills it.
  "test/e2e/outbox-program.ts",
  // Started by main.ts in namespaces of its own.
  "test/chaos/inside.ts",
  "test/e2e/four-machines.ts",
  "test/e2e/port-mapping.ts",
  // Loaded into every node of a chaos run.
  "test/chaos/clock-preload.ts",
  // Started by hostile-peers.test.ts, to be attacked.
  "test/hostile/victims.ts",
  "test/simulation/main.ts",
  "test/whole-nodes/main.ts",
  // Started and killed by level-crash.test.ts.
  "test/storage/level-crash-child.ts",
  // Run by hand, once for each layout of the store.
  "test/storage/fixtures/record.ts",
  "test/storage/refused-child.ts",
];

/** The rules by which a node votes, enters views, makes blocks final and recovers; they fit into one sitting. */
const VOTING_CORE = {
  folder: "src/consensus",
  names: [
    "core.ts",
    "core-state.ts",
    "voting.ts",
    "finality.ts",
    "proposal.ts",
    "judgement.ts",
    "pacemaker.ts",
    "recovery.ts",
  ],
  max: 1_200,
};

/** Files that follow docs/writing.md: all that people write. */
const PLAIN = [
  "CHANGELOG.md",
  "CONTRIBUTING.md",
  "Dockerfile",
  "README.md",
  "SECURITY.md",
  "bench/",
  "docs/",
  "compose.yaml",
  "examples/",
  "explorer/",
  "ops/",
  "proto/",
  "scripts/",
  "src/",
  "test/",
  "verifiers/",
];
/** These quote the banned words. */
const UNHELD = ["docs/writing.md", "test/support/tidy/tidy-checks.test.ts"];

const sources = readSources(ROOT, ["src"]);
const others = readSources(ROOT, ["test", "bench", "scripts"]);
const explorer = readSources(ROOT, ["explorer"]);
const all = [...sources, ...others, ...explorer];

function expectNone(findings: readonly Finding[]): void {
  expect(formatFindings(findings)).toEqual([]);
}

describe("every file of src", () => {
  it("imports from lower layers or its own folder only", () => {
    expectNone(checkLayers(sources));
  });

  it("is free of platform, clock, randomness and locale when its folder is pure", () => {
    expectNone(checkPurity(sources));
  });

  it("needs nothing of Node if browsers load it", () => {
    expectNone(checkPortability(sources, [...lightModules("default").values()]));
  });

  it("takes time and chance from the injected System when it is of the node", () => {
    expectNone(checkClocks(sources));
  });

  it("starts no timer but where its delay is checked", () => {
    expectNone(checkTimers(sources));
  });

  it("leaves domain tags to src/primitives/tags.ts, where no two are equal", () => {
    expectNone(checkDomainTags(sources));
  });

  it("looks the validators of an epoch up in the ledger", () => {
    expectNone(checkEpochs(sources));
  });

  it("says its duty in a comment at its head", () => {
    expectNone(checkHeads(sources));
  });

  it("has no run of more than 12 lines with the shape of another", () => {
    expectNone(checkDuplicates(sources));
  });

  it("has a name that no other has, and so have the types that it exports", () => {
    expectNone(checkFileNames(sources));
    expectNone(checkTypeNames(sources));
  });

  it("is reached from an entry point", () => {
    expectNone(checkReachability(sources, SOURCE_ENTRIES));
  });
});

describe("the wiring of a node", () => {
  it("spreads no parts into a constructor", () => {
    expectNone(checkSpreadParts(sources));
  });

  it("has at most 35 properties that are functions: `fail`, and what a process or a test is told", () => {
    expect(formatFindings(functionProperties(sources)).length).toBeLessThanOrEqual(35);
  });

  it("is put together in at most 250 lines", () => {
    expectNone(checkNodeFile(sources, 250));
  });
});

describe("the voting core", () => {
  it("has at most 1,200 lines, and every file of consensus at most 300", () => {
    expectNone(checkCore(sources, VOTING_CORE));
  });

  it("is named in docs/architecture.md", () => {
    const page = readFileSync(`${ROOT}docs/architecture.md`, "utf8");
    expect(VOTING_CORE.names.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });
});

describe("every file of the explorer", () => {
  it("says its duty in a comment at its head", () => {
    expect(explorer.length).toBeGreaterThan(20);
    expectNone(checkHeads(explorer));
  });

  it("is reached from its page", () => {
    const found = checkReachability([...sources, ...explorer], ["explorer/main.tsx"]);
    expectNone(found.filter(({ path }) => path.startsWith("explorer/")));
  });

  it("has styles of at most 500 lines", () => {
    const styles = trackedFiles(ROOT).filter(({ path }) => /^explorer\/.*\.css$/.test(path));
    expect(styles.length).toBeGreaterThan(1);
    expectNone(styles.filter(({ text }) => text.split("\n").length > 501).map(tooLong));
  });
});

function tooLong({ path }: { readonly path: string }): Finding {
  return { path, line: 0, message: "more than 500 lines" };
}

describe("every file of src, test, bench, scripts and explorer", () => {
  it("has at most 500 lines", () => {
    const notes = formatFindings(noteLongFiles(all));
    if (notes.length > 0) console.log(`worth a split:\n  ${notes.join("\n  ")}`);
    expectNone(checkFileLengths(all));
  });

  it("has functions of at most 70 lines", () => {
    expectNone(checkFunctionLengths(all));
  });

  it("switches no check off and casts nothing through unknown", () => {
    expectNone(checkSilencers(all));
  });

  it("is reached from a test, a benchmark or a script", () => {
    const tests = others.map(({ path }) => path).filter((path) => path.endsWith(".test.ts"));
    const found = checkReachability(all, [...tests, ...OTHER_ENTRIES]);
    expectNone(found.filter(({ path }) => !path.startsWith("src/")));
  });
});

describe("the prose of source and pages", () => {
  const isPlain = ({ path }: { readonly path: string }) =>
    !UNHELD.includes(path) && PLAIN.some((place) => path.startsWith(place));

  it("starts no head and no doc comment with a question word", () => {
    expectNone(checkDocComments(all.filter(isPlain)));
  });

  it("uses none of the words that docs/writing.md bans", () => {
    const banned = bannedWords(readFileSync(`${ROOT}docs/writing.md`, "utf8"));
    expect(banned.length).toBeGreaterThan(0);
    expectNone(checkWords(trackedFiles(ROOT).filter(isPlain), banned));
  });
});

describe("every tracked file", () => {
  it("is free of private keys, package index addresses and paths of one machine", () => {
    expectNone(checkTracked(trackedFiles(ROOT)));
  });
});
