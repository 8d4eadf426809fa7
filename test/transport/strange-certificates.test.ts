/** A certificate that a stranger made, with a serial number that no authority gives, ends no listener. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { connect } from "node:tls";
import { afterEach, expect, it } from "vitest";
import { createAuthority } from "../../src/transport/certificate-authority.ts";
import { type Gateway, openGateway, run } from "./gateway.ts";

let gateway: Gateway;
afterEach(() => gateway.close());

it.each(["-5", "0", "-0x80000000000000000000"])("serial number %s", async (serial) => {
  const validity = { now: Date.now(), days: 2 };
  const { certificate: clientAuthority } = await createAuthority("clients", validity);
  gateway = await openGateway({ clientAuthority });
  const [cert, key] = [join(gateway.folder, "cert.pem"), join(gateway.folder, "key.pem")];
  const made = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const named = ["-subj", "/CN=stranger", "-set_serial", serial, "-keyout", key, "-out", cert];
  await run("openssl", ["req", "-x509", ...made, ...named]);
  const socket = connect({
    ...{ host: "127.0.0.1", port: gateway.listener.port, ca: gateway.ca, servername: "localhost" },
    ...{ cert: readFileSync(cert), key: readFileSync(key), ALPNProtocols: ["h2"] },
  });
  socket.on("error", () => undefined);
  // The listener has seen the certificate by the time that its first bytes of HTTP/2 are here.
  await new Promise<void>((resolve) => socket.once("data", () => resolve()).once("close", resolve));
  socket.destroy();
  expect(
    await gateway.curl("/countersign.v1.LedgerService/GetStatus?encoding=json&message=%7B%7D"),
  ).toMatchObject({ status: 200 });
});
