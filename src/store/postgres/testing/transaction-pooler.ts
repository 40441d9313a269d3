import { createServer, type Server, Socket } from 'node:net';

/** Type of a message of PostgreSQL that says that the server is ready for the next one. */
const readyForQuery = 'Z'.charCodeAt(0);
const authenticated = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0]);
const idle = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]);

/**
 * What a pooler in transaction mode does, at its smallest: all clients share one server connection, and each has
 * it from its message until the server is idle again.
 */
export class TransactionPooler {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #upstream: Socket;
  /** Whose answers are coming in. */
  #served: Socket | null = null;
  readonly #waiting: Array<{ readonly client: Socket; readonly data: Buffer }> = [];

  private constructor(upstream: Socket) {
    this.#upstream = upstream;
    this.#server = createServer((client) => this.#accept(client));
  }

  /** A pooler before the server at `port`, for one user and database. */
  static async start(port: number, user: string, database: string): Promise<TransactionPooler> {
    const upstream = new Socket();
    await new Promise<void>((resolve) => upstream.connect(port, '127.0.0.1', resolve));
    const parameters = Buffer.from(`user\0${user}\0database\0${database}\0\0`);
    const head = Buffer.alloc(8);
    head.writeInt32BE(8 + parameters.length, 0);
    head.writeInt32BE(196_608, 4);
    upstream.write(Buffer.concat([head, parameters]));
    await new Promise<void>((resolve) => {
      upstream.on('data', function greeting(data: Buffer) {
        if (!isIdle(data)) return;
        upstream.off('data', greeting);
        resolve();
      });
    });
    const pooler = new TransactionPooler(upstream);
    upstream.on('data', (data: Buffer) => pooler.#answer(data));
    upstream.on('error', () => undefined);
    await new Promise<void>((resolve) => pooler.#server.listen(0, '127.0.0.1', resolve));
    return pooler;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#upstream.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(client: Socket): void {
    this.#sockets.add(client);
    let greeted = false;
    client.on('error', () => undefined);
    client.on('data', (data: Buffer) => {
      if (!greeted) {
        greeted = true;
        client.write(Buffer.concat([authenticated, idle]));
        return;
      }
      // The client says goodbye; the server connection stays for others.
      if (data[0] === 'X'.charCodeAt(0)) return void client.end();
      this.#waiting.push({ client, data });
      this.#serveNext();
    });
  }

  #serveNext(): void {
    if (this.#served) return;
    const next = this.#waiting.shift();
    if (!next) return;
    this.#served = next.client;
    this.#upstream.write(next.data);
  }

  #answer(data: Buffer): void {
    this.#served?.write(data);
    if (!isIdle(data)) return;
    this.#served = null;
    this.#serveNext();
  }
}

/** Whether the data ends with the server ready for the next message, outside of any transaction. */
function isIdle(data: Buffer): boolean {
  return data.length >= 6 && data[data.length - 6] === readyForQuery && data[data.length - 1] === 0x49;
}
