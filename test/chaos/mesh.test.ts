// Tests the ways between nodes: each can be held, refused, cut and slowed alone, and held bytes arrive in the end.
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Mesh } from "./mesh.ts";

const echoes: Server[] = [];
let mesh: Mesh;

beforeAll(async () => {
  const ports: number[] = [];
  for (let i = 0; i < 3; i++) {
    const echo = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.pipe(socket);
    });
    echo.listen(0, "127.0.0.1");
    await once(echo, "listening");
    const address = echo.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    ports.push(address.port);
    echoes.push(echo);
  }
  mesh = await Mesh.open(ports);
});

afterAll(() => {
  mesh.close();
  for (const echo of echoes) echo.close();
});

function dial(from: number, to: number): Socket {
  const socket = connect(mesh.port(from, to), "127.0.0.1");
  socket.on("error", () => undefined);
  return socket;
}

/** Settles when the connection is gone, with or without an error. */
function gone(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once("close", () => resolve());
  });
}

async function echo(socket: Socket, text: string): Promise<string> {
  socket.write(text);
  const [answer] = await once(socket, "data");
  return String(answer);
}

it("holds what passes between two groups and lets it through in the end, nothing lost", async () => {
  const [across, within] = [dial(0, 2), dial(0, 1)];
  expect(await echo(across, "before")).toBe("before");
  mesh.trouble(1, mesh.between([[0, 1], [2]]), { held: true });
  let arrived = "";
  across.on("data", (bytes) => {
    arrived += String(bytes);
  });
  across.write("during");
  expect(await echo(within, "near")).toBe("near");
  expect(arrived).toBe("");
  mesh.trouble(2, [[0, 2]], { held: true });
  mesh.relieve(1);
  expect(await echo(within, "still near")).toBe("still near");
  expect(arrived).toBe("");
  mesh.relieve(2);
  await expect.poll(() => arrived).toBe("during");
  across.destroy();
  within.destroy();
});

it("refuses one direction while the other one connects", async () => {
  mesh.trouble(3, [[0, 1]], { refused: true });
  const [refused, other] = [dial(0, 1), dial(1, 0)];
  await gone(refused);
  expect(await echo(other, "back")).toBe("back");
  mesh.relieve(3);
  const again = dial(0, 1);
  expect(await echo(again, "again")).toBe("again");
  again.destroy();
  other.destroy();
});

it("cuts open connections in the middle", async () => {
  const socket = dial(2, 1);
  expect(await echo(socket, "x")).toBe("x");
  const closed = gone(socket);
  expect(mesh.cut([2, 1])).toBe(1);
  await closed;
});
