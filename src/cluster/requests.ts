import type { Clock } from '../model/clock.ts';
import { randomCharacters } from '../model/ids.ts';
import { type FieldError, Problem, type ProblemCode } from '../model/problem.ts';
import type { Signals } from '../store/postgres/shard-store.ts';
import { LetterBox, sendLetter } from './letters.ts';

/** Answers a request that another process has made; undefined: it is not for this process to answer. */
export type Handler = (input: unknown) => Promise<unknown> | undefined;

interface Request {
  readonly id: string;
  readonly from: string;
  readonly name: string;
  readonly input: unknown;
}

type Reply = { readonly id: string } & (
  | { readonly result: unknown }
  | {
      readonly problem: {
        readonly code: ProblemCode;
        readonly detail: string;
        readonly errors: FieldError[];
      };
    }
);

interface Asked {
  readonly answered: (reply: Reply) => void;
}

export interface RequestsOptions {
  readonly signals: Signals;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
}

const requestChannel = 'rowhook_requests';

/**
 * Requests between processes, by notification: whoever it concerns answers. A request or its answer may get lost, and
 * then nobody knows whether it was carried out; so none is sent again by itself.
 */
export class Requests {
  readonly #options: RequestsOptions;
  /** Channel on which the answers come; names of channels are letters. */
  readonly #ownName = `rowhook_replies_${randomCharacters(30).toLowerCase().replace(/\d/g, '')}`;
  readonly #handlers = new Map<string, Handler>();
  readonly #asked = new Map<string, Asked>();
  #stopListening: Array<() => void> = [];

  constructor(options: RequestsOptions) {
    this.#options = options;
  }

  handle(name: string, handler: Handler): void {
    this.#handlers.set(name, handler);
  }

  async start(): Promise<void> {
    const { signals } = this.#options;
    const [requests, replies] = [new LetterBox(), new LetterBox()];
    this.#stopListening = [
      await signals.listen(requestChannel, (payload) => {
        const letter = requests.take(payload);
        if (letter !== null) this.#answer(JSON.parse(letter) as Request);
      }),
      await signals.listen(this.#ownName, (payload) => {
        const letter = replies.take(payload);
        if (letter === null) return;
        const reply = JSON.parse(letter) as Reply;
        this.#asked.get(reply.id)?.answered(reply);
      }),
    ];
  }

  stop(): void {
    for (const stop of this.#stopListening) stop();
  }

  /** The answer of the one process that has it. Throws its Problem, or `unavailable` when nobody answers in time. */
  async ask(name: string, input: unknown, timeoutMs: number): Promise<unknown> {
    const [reply] = await this.#ask(name, input, timeoutMs, 1);
    if (reply === undefined) {
      throw new Problem(
        'unavailable',
        'The process that delivers for this workspace did not answer; it may be changing. Try again in a moment.',
      );
    }
    if ('result' in reply) return reply.result;
    const { code, detail, errors } = reply.problem;
    throw new Problem(code, detail, errors);
  }

  /** The answers that come in time, up to a number of them. */
  async gather(name: string, input: unknown, timeoutMs: number, atMost: number): Promise<readonly unknown[]> {
    if (atMost === 0) return [];
    const replies = await this.#ask(name, input, timeoutMs, atMost);
    return replies.flatMap((reply) => ('result' in reply ? [reply.result] : []));
  }

  async #ask(name: string, input: unknown, timeoutMs: number, atMost: number): Promise<readonly Reply[]> {
    const { signals, clock } = this.#options;
    const id = randomCharacters(16);
    const replies: Reply[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#asked.set(id, {
      answered: (reply) => {
        replies.push(reply);
        if (replies.length >= atMost) resolve();
      },
    });
    const cancel = clock.after(timeoutMs, resolve);
    try {
      const request: Request = { id, from: this.#ownName, name, input };
      await sendLetter(signals, requestChannel, JSON.stringify(request));
      await promise;
      return replies;
    } finally {
      cancel();
      this.#asked.delete(id);
    }
  }

  #answer({ id, from, name, input }: Request): void {
    if (from === this.#ownName) return;
    const { onError, signals } = this.#options;
    const send = (reply: Reply): void => {
      sendLetter(signals, from, JSON.stringify(reply)).catch(onError);
    };
    this.#handlers
      .get(name)?.(input)
      ?.then(
        (result) => send({ id, result: result ?? null }),
        (error: unknown) => {
          if (!(error instanceof Problem)) onError(error);
          const problem =
            error instanceof Problem ? error : new Problem('internal', 'Something unexpected went wrong.');
          const { code, message: detail, errors } = problem;
          send({ id, problem: { code, detail, errors: [...errors] } });
        },
      );
  }
}
