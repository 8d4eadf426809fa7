// All ways between the nodes: one proxy for every ordered pair, named by the node that dials and the node that is
// dialled.
import { LinkProxy, type Trouble } from "./link-proxy.ts";

type Link = readonly [from: number, to: number];

export class Mesh {
  readonly #proxies: ReadonlyMap<string, LinkProxy>;
  readonly #ports: ReadonlyMap<string, number>;
  readonly #size: number;

  private constructor(
    size: number,
    proxies: ReadonlyMap<string, LinkProxy>,
    ports: ReadonlyMap<string, number>,
  ) {
    this.#size = size;
    this.#proxies = proxies;
    this.#ports = ports;
  }

  /** `peerPorts`: the ports on which the nodes listen for each other. */
  static async open(peerPorts: readonly number[]): Promise<Mesh> {
    const proxies = new Map<string, LinkProxy>();
    const ports = new Map<string, number>();
    for (const from of peerPorts.keys()) {
      for (const [to, port] of peerPorts.entries()) {
        if (to === from) continue;
        const proxy = new LinkProxy(port);
        proxies.set(`${from} ${to}`, proxy);
        ports.set(`${from} ${to}`, await proxy.listen());
      }
    }
    return new Mesh(peerPorts.length, proxies, ports);
  }

  /** The address at which `from` dials `to`. */
  port(from: number, to: number): number {
    const port = this.#ports.get(`${from} ${to}`);
    if (port === undefined) throw new Error(`no way from node ${from} to node ${to}`);
    return port;
  }

  /** Every way that leads from one group to another. */
  between(groups: readonly (readonly number[])[]): Link[] {
    return this.links().filter(([from, to]) => {
      const [left, right] = [from, to].map((node) => groups.find((group) => group.includes(node)));
      return left !== undefined && right !== undefined && left !== right;
    });
  }

  links(): Link[] {
    const all = Array.from({ length: this.#size }, (_, index) => index);
    return all.flatMap((from) => all.filter((to) => to !== from).map((to): Link => [from, to]));
  }

  trouble(fault: number, links: readonly Link[], trouble: Trouble): void {
    for (const [from, to] of links) this.#proxy(from, to).trouble(fault, trouble);
  }

  relieve(fault: number): void {
    for (const proxy of this.#proxies.values()) proxy.relieve(fault);
  }

  cut([from, to]: Link): number {
    return this.#proxy(from, to).cut();
  }

  close(): void {
    for (const proxy of this.#proxies.values()) proxy.close();
  }

  #proxy(from: number, to: number): LinkProxy {
    const proxy = this.#proxies.get(`${from} ${to}`);
    if (proxy === undefined) throw new Error(`no way from node ${from} to node ${to}`);
    return proxy;
  }
}
