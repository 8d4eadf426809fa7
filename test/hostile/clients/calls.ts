/** Every call of every service in the contract, from the generated code: a new call is attacked by itself. */
import { readdirSync } from "node:fs";
import type { DescMethod, DescService } from "@bufbuild/protobuf";

const GENERATED = new URL("../../../gen/", import.meta.url);

export async function everyCall(): Promise<readonly DescMethod[]> {
  const files = readdirSync(GENERATED, { recursive: true, encoding: "utf8" });
  const calls: DescMethod[] = [];
  for (const file of files.filter((name) => name.endsWith("_pb.ts")).sort()) {
    const exported: Readonly<Record<string, unknown>> = await import(new URL(file, GENERATED).href);
    for (const one of Object.values(exported)) if (isService(one)) calls.push(...one.methods);
  }
  return calls;
}

export function pathOf({ parent, name }: DescMethod): string {
  return `/${parent.typeName}/${name}`;
}

function isService(value: unknown): value is DescService {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "service";
}
