/** The validators of an epoch are looked up in the ledger's context: nothing else names the first epoch or takes the genesis's. */
import { type Finding, finding, type SourceFile, walk } from "./source.ts";

/** These handle a genesis as a file, before there is a ledger. */
const GENESIS_FILES = ["src/ledger/", "src/node/files/", "src/cli/"];

export function checkEpochs(files: readonly SourceFile[]): Finding[] {
  return files.filter(({ path }) => !path.startsWith("src/ledger/")).flatMap(checkFile);
}

function checkFile(file: SourceFile): Finding[] {
  const findings: Finding[] = [];
  const mayTakeMembers = GENESIS_FILES.some((folder) => file.path.startsWith(folder));
  walk(file.program, (node, ancestors) => {
    if (node.type === "ImportSpecifier" && nameOf(node.imported) === "FIRST_EPOCH") {
      findings.push(finding(file, node, "FIRST_EPOCH outside the ledger: ask epochAt"));
    }
    if (mayTakeMembers) return;
    const isMember =
      node.type === "MemberExpression" &&
      nameOf(node.property) === "validators" &&
      isGenesis(node.object);
    const above = ancestors.at(-1);
    const isTaken =
      node.type === "ObjectPattern" &&
      above?.type === "VariableDeclarator" &&
      above.init !== null &&
      isGenesis(above.init) &&
      node.properties.some((item) => item.type === "Property" && nameOf(item.key) === "validators");
    if (isMember || isTaken) {
      findings.push(finding(file, node, "the genesis's validators: ask members(epoch)"));
    }
  });
  return findings;
}

function isGenesis(node: object): boolean {
  const name = nameOf(node);
  return name === "genesis" || ("property" in node && nameOf(node.property) === "genesis");
}

function nameOf(node: unknown): string | undefined {
  if (typeof node !== "object" || node === null) return undefined;
  return "name" in node && typeof node.name === "string" ? node.name : undefined;
}
