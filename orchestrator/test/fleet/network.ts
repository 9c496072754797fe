// A network of the test's own: one bridge in a namespace, and hosts on it, each a namespace with an address. Nothing of it is reachable from this machine's own network.
import { execa } from 'execa';

const PREFIX = '10.77.0.';

export class Network implements AsyncDisposable {
  readonly #name: string;
  readonly #namespaces: string[] = [];
  #hosts = 0;
  #cables = 0;

  private constructor(name: string) {
    this.#name = name;
  }

  static async open(): Promise<Network> {
    const network = new Network(`vlab-${String(process.pid)}`);
    await network.#namespace('hub');
    await network.#inHub('ip', 'link', 'add', 'bridge', 'type', 'bridge');
    await network.#inHub('ip', 'link', 'set', 'bridge', 'up');
    return network;
  }

  /** A host that processes are started on by `on`. */
  async host(name: string): Promise<Host> {
    const namespace = await this.#namespace(name);
    const cable = await this.#plug(namespace);
    const address = this.#nextAddress();
    const inside = (...argv: string[]): Promise<unknown> => execa('ip', ['netns', 'exec', namespace, ...argv]);
    await inside('ip', 'link', 'set', 'lo', 'up');
    await inside('ip', 'addr', 'add', `${address}/24`, 'dev', 'eth0');
    await inside('ip', 'link', 'set', 'eth0', 'up');
    return { name, address, on: ['ip', 'netns', 'exec', namespace], cut: () => this.#link(cable, 'down'), mend: () => this.#link(cable, 'up') };
  }

  /** A process that has a network namespace of its own already, as a container without a network has, becomes a host. */
  async adopt(name: string, pid: number, address = this.#nextAddress()): Promise<Host> {
    const cable = await this.#plug(String(pid));
    const on = ['nsenter', '--target', String(pid), '--net'];
    for (const argv of [['ip', 'addr', 'add', `${address}/24`, 'dev', 'eth0'], ['ip', 'link', 'set', 'eth0', 'up']]) await execa(on[0] ?? '', [...on.slice(1), ...argv]);
    return { name, address, on, cut: () => this.#link(cable, 'down'), mend: () => this.#link(cable, 'up') };
  }

  async #namespace(name: string): Promise<string> {
    const whole = `${this.#name}-${name}`;
    await execa('ip', ['netns', 'add', whole]);
    this.#namespaces.push(whole);
    return whole;
  }

  /** A cable from the bridge to eth0 of a namespace, which is a name or a process that is in it. */
  async #plug(namespace: string): Promise<string> {
    this.#cables++;
    const [end, cable] = [`end${String(this.#cables)}`, `cable${String(this.#cables)}`];
    await this.#inHub('ip', 'link', 'add', cable, 'type', 'veth', 'peer', 'name', end);
    await this.#inHub('ip', 'link', 'set', cable, 'master', 'bridge', 'up');
    await this.#inHub('ip', 'link', 'set', end, 'netns', namespace, 'name', 'eth0');
    return cable;
  }

  #link(cable: string, state: 'up' | 'down'): Promise<void> {
    return this.#inHub('ip', 'link', 'set', cable, state);
  }

  async #inHub(...argv: string[]): Promise<void> {
    await execa('ip', ['netns', 'exec', `${this.#name}-hub`, ...argv]);
  }

  #nextAddress(): string {
    this.#hosts++;
    return `${PREFIX}${String(10 + this.#hosts)}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const namespace of this.#namespaces.reverse()) await execa('ip', ['netns', 'delete', namespace], { reject: false });
  }
}

export type Host = {
  name: string;
  address: string;
  /** Begins the argv of whatever is to run there. */
  on: readonly string[];
  /** Pulls its cable: packets are lost, and nobody is told. */
  cut: () => Promise<void>;
  mend: () => Promise<void>;
};
