import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type ProcessFigures, processFigures } from './process-figures.ts';
import type { Stage } from './stage.ts';

interface Reply {
  readonly number: number;
  readonly answer?: unknown;
  readonly error?: string;
}

/** A handler for each kind of order: what a part of a benchmark can be told to do. */
export type Orders = Readonly<Record<string, (order: never) => unknown>>;

/** In the process of a part: takes orders from the benchmark, one answer each, until the benchmark is gone. */
export function takeOrders(orders: Orders): void {
  const answer = async (number: number, kind: string, order: unknown): Promise<Reply> => {
    try {
      return { number, answer: await orders[kind]?.(order as never) };
    } catch (error) {
      return { number, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    }
  };
  process.on('message', ({ number, kind, order }: { number: number; kind: string; order: unknown }) => {
    answer(number, kind, order).then(
      (reply) => process.send?.(reply),
      () => process.exit(1),
    );
  });
  process.on('disconnect', () => process.exit());
}

/** In the process of the benchmark: another process that plays a part in it. */
export class Part<PartOrders extends Orders> {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #next = 0;

  constructor(stage: Stage, program: string, onNews: (news: unknown) => void = () => undefined) {
    const child = fork(join(import.meta.dirname, program), { execArgv: process.execArgv });
    this.#child = child;
    child.on('message', (message: Reply | { readonly news: unknown }) => {
      if ('news' in message) onNews(message.news);
      else this.#settle(message);
    });
    child.once('exit', (code, signal) => this.#fail(`${program} ended with ${code ?? signal}.`));
    stage.after(async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    });
  }

  get figures(): ProcessFigures {
    return processFigures(this.#child.pid ?? 0);
  }

  /** Gives an order and resolves with what came of it. */
  tell<Kind extends keyof PartOrders & string>(
    kind: Kind,
    order: Parameters<PartOrders[Kind]>[0],
  ): Promise<Awaited<ReturnType<PartOrders[Kind]>>> {
    const waiting = Promise.withResolvers<unknown>();
    this.#next += 1;
    this.#waiting.set(this.#next, waiting);
    this.#child.send({ number: this.#next, kind, order });
    return waiting.promise as Promise<Awaited<ReturnType<PartOrders[Kind]>>>;
  }

  /** Tells something that needs no answer. */
  hint<Kind extends keyof PartOrders & string>(kind: Kind, order: Parameters<PartOrders[Kind]>[0]): void {
    if (this.#child.connected) this.#child.send({ number: 0, kind, order });
  }

  #settle({ number, answer, error }: Reply): void {
    const waiting = this.#waiting.get(number);
    this.#waiting.delete(number);
    if (error === undefined) waiting?.resolve(answer);
    else waiting?.reject(new Error(error));
  }

  #fail(reason: string): void {
    for (const waiting of this.#waiting.values()) waiting.reject(new Error(reason));
    this.#waiting.clear();
  }
}
