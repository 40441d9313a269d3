import type { FastifyInstance, FastifyRequest } from 'fastify';
import { brokenRequestAnswer } from './problem-reply.ts';

/** How long a client may take, so that one that is slow on purpose holds nothing for long. */
export interface ConnectionTimes {
  /** Headers must be complete by then. */
  readonly headersMs: number;
  /**
   * A body that is read as a whole must be complete by then. One that is streamed, as an import is, may take as
   * long as it needs, as long as its bytes keep coming.
   */
  readonly bodyMs: number;
  /** A client that sends or takes nothing for so long is cut off. */
  readonly idleMs: number;
  /** How often headers are looked for that are late. */
  readonly checkEveryMs: number;
}

export const connectionTimes: ConnectionTimes = {
  headersMs: 15_000,
  bodyMs: 60_000,
  idleMs: 60_000,
  checkEveryMs: 5_000,
};

/** Cuts off requests whose body does not arrive in time. */
export function limitBodyTime(api: FastifyInstance, bodyMs: number): void {
  const timers = new WeakMap<FastifyRequest, NodeJS.Timeout>();
  const clear = (request: FastifyRequest): void => clearTimeout(timers.get(request));
  api.addHook('onRequest', (request, _reply, done) => {
    const { headers, raw } = request;
    if (headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined) {
      const cutOff = (): void => {
        if (raw.socket.writable) raw.socket.write(brokenRequestAnswer('ERR_HTTP_REQUEST_TIMEOUT', 0));
        raw.socket.destroy();
      };
      timers.set(request, setTimeout(cutOff, bodyMs).unref());
    }
    done();
  });
  // The body was read by now, or is handed on as a stream.
  api.addHook('preValidation', (request, _reply, done) => {
    clear(request);
    done();
  });
  api.addHook('onResponse', (request, _reply, done) => {
    clear(request);
    done();
  });
}
