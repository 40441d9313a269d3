import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Arrival, Behaviour, ConsumerReport, HookOrder } from '../consumers/consumer-messages.ts';
import type { Scope } from './scope.ts';

const consumerFile = join(import.meta.dirname, '../consumers/consumer.ts');
const wellBehaved: Behaviour = { kind: 'answer', status: 200 };
/** What has not come when nothing at all has come for so long will not come any more. */
const silenceMs = 30_000;

interface Waiting {
  readonly reached: () => boolean;
  readonly tell: (came: boolean) => void;
  silence: NodeJS.Timeout;
}

/** A consumer in a process of its own, with any number of hooks. It may be killed, and come back as it was. */
export class ConsumerProcess {
  /** Every request so far, in the order in which they came, over all hooks. */
  readonly arrivals: Arrival[] = [];
  readonly #arrivalsAt = new Map<string, Arrival[]>();
  readonly #hooks = new Map<string, HookOrder>();
  readonly #waiting = new Set<Waiting>();
  #child: ChildProcess | null = null;
  #ended: Promise<unknown> = Promise.resolve();
  #port = 0;

  private constructor() {}

  static async start(scope: Scope): Promise<ConsumerProcess> {
    const consumer = new ConsumerProcess();
    scope.after(() => consumer.kill());
    await consumer.start();
    return consumer;
  }

  /** Of a hook, which need not be there yet. */
  url(path: string): string {
    return `http://127.0.0.1:${this.#port}${path}`;
  }

  /** Listens, after the first time on the same port and with the hooks that it had. */
  async start(): Promise<void> {
    const child = fork(consumerFile, [String(this.#port)], { execArgv: [] });
    this.#child = child;
    this.#ended = once(child, 'close');
    const listening = Promise.withResolvers<void>();
    child.once('exit', () => listening.reject(new Error('The consumer did not come up.')));
    child.on('message', (message: ConsumerReport) => {
      if (message.kind === 'listening') {
        this.#port = message.port;
        listening.resolve();
      } else if (message.kind === 'arrived') {
        this.arrivals.push(message.arrival);
        this.#listAt(message.arrival.path).push(message.arrival);
        this.#tellWaiting();
      }
    });
    // Before it listens, so that no request finds the hooks missing.
    for (const hook of this.#hooks.values()) child.send(hook);
    await listening.promise;
  }

  /** Sets what happens at a path. `secret` is that of the webhook, whose signatures are verified. */
  async hook(path: string, secret: string | null, behaviour: Behaviour = wellBehaved): Promise<void> {
    const order = { path, secret, behaviour };
    this.#hooks.set(path, order);
    const child = this.#child;
    if (!child) return;
    const hooked = Promise.withResolvers<void>();
    const listen = (message: ConsumerReport): void => {
      if (message.kind !== 'hooked' || message.path !== path) return;
      child.off('message', listen);
      hooked.resolve();
    };
    child.on('message', listen);
    child.send(order);
    await hooked.promise;
  }

  /** kill -9; everything that the process had told before is in `arrivals` when this resolves. */
  async kill(): Promise<void> {
    this.#child?.kill('SIGKILL');
    await this.#ended;
    this.#child = null;
  }

  /** The requests that came to one hook. */
  at(path: string): readonly Arrival[] {
    return this.#listAt(path);
  }

  /** Resolves once the condition holds; it is looked at whenever a request has come. */
  async until(reached: () => boolean): Promise<void> {
    if (await this.comes(reached)) return;
    throw new Error(
      `For ${silenceMs} ms nothing has come to the consumer after ${this.arrivals.length} requests.`,
    );
  }

  /** The same, for a test that tells what is missing: false when it will not come. */
  comes(reached: () => boolean): Promise<boolean> {
    if (reached()) return Promise.resolve(true);
    return new Promise((tell) => {
      const giveUp = (): void => {
        this.#waiting.delete(waiting);
        tell(false);
      };
      const waiting: Waiting = { reached, tell, silence: setTimeout(giveUp, silenceMs) };
      this.#waiting.add(waiting);
    });
  }

  /** Resolves once so many requests have come to the path. */
  receives(path: string, count: number): Promise<void> {
    return this.until(() => this.at(path).length >= count);
  }

  #listAt(path: string): Arrival[] {
    const known = this.#arrivalsAt.get(path) ?? [];
    this.#arrivalsAt.set(path, known);
    return known;
  }

  #tellWaiting(): void {
    for (const waiting of this.#waiting) {
      waiting.silence.refresh();
      if (!waiting.reached()) continue;
      clearTimeout(waiting.silence);
      this.#waiting.delete(waiting);
      waiting.tell(true);
    }
  }
}
