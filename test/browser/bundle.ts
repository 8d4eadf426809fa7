/** Bundles code for a browser as an integrator's bundler does: one minified script. */
import { dirname } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "vite";

export interface Bundle {
  readonly code: string;
  readonly gzipBytes: number;
}

/** `entry`: the path of the file that the script begins with. */
export async function bundleFor(entry: string): Promise<Bundle> {
  const result = await build({
    root: dirname(entry),
    configFile: false,
    logLevel: "error",
    build: {
      write: false,
      target: "es2023",
      lib: { entry, formats: ["es"] },
      rolldownOptions: { output: { minify: true } },
    },
  });
  const [output] = Array.isArray(result) ? result : [result];
  if (output === undefined || !("output" in output)) throw new Error("the bundler made nothing");
  const { code } = output.output[0];
  return { code, gzipBytes: gzipSync(code, { level: 9 }).length };
}
