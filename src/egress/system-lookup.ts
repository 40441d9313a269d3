import { lookup } from 'node:dns';
import { plainFailure } from './errors.ts';
import { ConnectError } from './failure.ts';
import { SYSTEM_LOOKUPS_AT_ONCE, SYSTEM_LOOKUPS_WAITING } from './limits.ts';

/**
 * The system's own resolver, which reads the hosts file and adds search domains. A lookup
 * that hangs holds a thread that file access needs, too, so only a few run at the same time.
 */
export class SystemLookup {
  readonly #turns: (() => void)[] = [];
  #running = 0;

  /** @throws ConnectError DNS_NOT_FOUND or DNS_FAILED */
  async resolve(hostname: string): Promise<readonly string[]> {
    if (this.#running >= SYSTEM_LOOKUPS_AT_ONCE) {
      if (this.#turns.length >= SYSTEM_LOOKUPS_WAITING) throw new ConnectError(plainFailure('DNS_FAILED'));
      await new Promise<void>((resolve) => this.#turns.push(resolve));
    } else {
      this.#running += 1;
    }
    try {
      return await lookUp(hostname);
    } finally {
      // A turn is handed on, not given back, so that nobody can slip in between.
      const next = this.#turns.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}

function lookUp(hostname: string): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    lookup(hostname, { all: true, order: 'ipv4first' }, (error, found) => {
      if (error === null) resolve(found.map(({ address }) => address));
      else
        reject(new ConnectError(plainFailure(error.code === 'ENOTFOUND' ? 'DNS_NOT_FOUND' : 'DNS_FAILED')));
    });
  });
}
