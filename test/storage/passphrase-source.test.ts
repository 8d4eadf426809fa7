/** Every source of a passphrase but a file gives its first line, and says what is wrong with it; a file: passphrase.test.ts. */
import { execFile } from "node:child_process";
import { chmodSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { utf8 } from "../../src/primitives/bytes.ts";
import { loadPassphrase } from "../../src/storage/passphrase.ts";
import { isPassphraseFile } from "../../src/storage/passphrase-source.ts";
import { ROOT } from "../support/guarded-process.ts";
import { codeOf } from "./store-checks.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "countersign-source-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
  delete process.env["TEST_PASSPHRASE"];
  delete process.env["CREDENTIALS_DIRECTORY"];
});

function file(name: string, content: string, mode = 0o600): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
}

const refusal = (source: string) => loadPassphrase(source).catch((error: unknown) => error);

describe("a descriptor", () => {
  it("is read once and closed", async () => {
    const number = openSync(file("held", "a phrase\nmore\n"), "r");
    expect(await loadPassphrase(`fd:${number}`)).toEqual(utf8("a phrase"));
    expect(codeOf(await refusal(`fd:${number}`))).toBe("missing");
  });

  it("is refused if it is not open, empty, or a file that others can read", async () => {
    expect(`${await refusal("fd:919")}`).toMatch(
      /file descriptor 919 cannot be read \(EBADF\); open it/,
    );
    expect(codeOf(await refusal(`fd:${openSync(file("empty", ""), "r")}`))).toBe("malformed");
    const open = openSync(file("open", "a phrase", 0o644), "r");
    expect(`${await refusal(`fd:${open}`)}`).toMatch(/can read; run chmod 600 on it/);
  });
});

describe("the environment", () => {
  it("gives the variable, which is then gone from it", async () => {
    process.env["TEST_PASSPHRASE"] = "a phrase";
    expect(await loadPassphrase("env:TEST_PASSPHRASE")).toEqual(utf8("a phrase"));
    expect(process.env["TEST_PASSPHRASE"]).toBeUndefined();
  });

  it("is refused without the variable, and with an empty one", async () => {
    expect(`${await refusal("env:TEST_PASSPHRASE")}`).toMatch(
      /no variable TEST_PASSPHRASE .*; set it/,
    );
    process.env["TEST_PASSPHRASE"] = "";
    expect(codeOf(await refusal("env:TEST_PASSPHRASE"))).toBe("malformed");
  });
});

describe("a credential of systemd", () => {
  it("is read from its folder, also with the mode that an access list shows", async () => {
    process.env["CREDENTIALS_DIRECTORY"] = folder;
    file("node-key", "a phrase\n", 0o440);
    expect(await loadPassphrase("credential:node-key")).toEqual(utf8("a phrase"));
  });

  it("is refused outside of a unit, if it is not loaded, and if all users can read it", async () => {
    expect(`${await refusal("credential:node-key")}`).toMatch(/CREDENTIALS_DIRECTORY is not set/);
    process.env["CREDENTIALS_DIRECTORY"] = folder;
    expect(`${await refusal("credential:node-key")}`).toMatch(/set LoadCredential=node-key:FILE/);
    file("node-key", "a phrase", 0o444);
    expect(`${await refusal("credential:node-key")}`).toMatch(/run: chmod o= .*node-key/);
  });
});

it("a text that begins like a source and is none is refused without being shown", async () => {
  for (const text of ["fd:three", "env:my secret", "credential:../../etc/shadow"]) {
    const told = `${await refusal(text)}`;
    expect(told).toMatch(/write a file of mode 0600, fd:N, env:NAME, credential:NAME or prompt/);
    expect(told).not.toContain(text);
  }
  expect(isPassphraseFile("./prompt")).toBe(true);
});

describe("a terminal", () => {
  const PROGRAM = `
    import { loadPassphrase } from "${ROOT}src/storage/passphrase.ts";
    const told = await loadPassphrase("prompt", { isNew: process.argv[2] === "new" }).then(
      (bytes) => "got " + Buffer.from(bytes).toString("hex"),
      (error) => error.message,
    );
    console.log(told);
  `;
  /** Runs the program in a terminal of its own, in which `keys` are typed. */
  function typed(keys: string, argument = ""): Promise<string> {
    const program = file("program.ts", PROGRAM);
    const command = `${process.execPath} ${program} ${argument}`;
    return new Promise((resolve) => {
      const child = execFile("script", ["-qec", command, "/dev/null"], (_, out) => resolve(out));
      let shown = "";
      let asked = 0;
      child.stdout?.on("data", (text: string) => {
        shown += text;
        const questions = (shown.match(/: /g) ?? []).length;
        const [first = "", second = ""] = keys.split("|");
        if (questions > asked) child.stdin?.write(asked === 0 ? first : second);
        asked = Math.max(asked, questions);
      });
    });
  }

  it("is asked without showing what is typed, and takes characters back", async () => {
    const out = await typed("secrey\u007ft\r");
    expect(out).toContain(`got ${Buffer.from("secret").toString("hex")}`);
    expect(out).not.toMatch(/secre/);
  });

  it("is asked twice for a new one, and both must be equal", async () => {
    expect(await typed("one\r|one\r", "new")).toContain("got 6f6e65");
    expect(await typed("one\r|two\r", "new")).toContain("the two passphrases differ");
  });

  it("gives nothing after Ctrl-C", async () => {
    expect(await typed("one\u0003")).toContain("no passphrase was given");
  });

  it("is not there for a process without one, which is told what else to name", async () => {
    const program = file("program.ts", PROGRAM);
    const out = await new Promise<string>((resolve) => {
      execFile("setsid", ["-w", process.execPath, program], (_, text) => resolve(text));
    });
    expect(out).toMatch(/there is no terminal .*name a file, fd:N, env:NAME or credential:NAME/);
  });
});
