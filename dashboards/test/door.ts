// A door between a server and what it depends on, which can be shut and opened again: what comes back is at the same address, and nothing of it was lost.
import { connect, createServer, type AddressInfo, type NetConnectOpts, type Server, type Socket } from 'node:net';

export class Door {
  readonly #to: NetConnectOpts;
  readonly #through = new Set<Socket>();
  #server: Server | undefined;
  #held = false;
  port = 0;

  constructor(to: NetConnectOpts) { this.#to = to; }

  /** At the same port of 127.0.0.1 as before. */
  async open(): Promise<void> {
    this.#held = false;
    const server = createServer((socket) => {
      this.#through.add(socket);
      if (this.#held) return;
      const other = connect(this.#to);
      for (const one of [socket, other]) {
        this.#through.add(one);
        one.on('error', () => undefined).on('close', () => { socket.destroy(); other.destroy(); });
      }
      socket.pipe(other).pipe(socket);
    });
    await new Promise<void>((resolve) => { server.listen(this.port, '127.0.0.1', resolve); });
    this.port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  /** Until it is shut: whoever is through stays, and whoever comes is let in, and nobody hears a word. */
  hold(): void {
    this.#held = true;
    for (const socket of this.#through) socket.unpipe().pause();
  }

  async shut(): Promise<void> {
    const server = this.#server;
    await new Promise<void>((resolve) => {
      if (server === undefined) resolve();
      else server.close(() => { resolve(); });
      for (const socket of this.#through) socket.destroy();
      this.#through.clear();
    });
    this.#server = undefined;
  }
}
