import { timingSafeEqual } from 'node:crypto';
import type { Clock } from '../model/clock.ts';
import type { TokenId } from '../model/ids.ts';
import { Problem } from '../model/problem.ts';
import type { ApiToken } from '../model/workspace.ts';
import type { WorkspaceStore } from '../store/port.ts';
import { hashApiToken } from './token.ts';
import { TokenUses } from './token-uses.ts';

/** How long a token that was deleted by another process may still work in this one. */
const cacheMs = 10_000;
const cacheEntries = 1_000;

/** The operator whose token is given in the settings. */
const configuredOperator: ApiToken = {
  id: 'tok_operator' as TokenId,
  name: 'operator',
  scope: { kind: 'operator' },
  createdAtMs: 0,
  expiresAtMs: null,
  lastUsedAtMs: null,
};

/** Which token a header `Authorization` holds. */
export class BearerTokens {
  readonly #store: WorkspaceStore;
  readonly #clock: Clock;
  readonly #operatorHash: Buffer | null;
  readonly #uses: TokenUses;
  readonly #cache = new Map<string, { token: ApiToken; untilMs: number }>();

  /** `operatorToken` comes from the settings and works besides the tokens of the store. */
  constructor(
    store: WorkspaceStore,
    clock: Clock,
    operatorToken: string | null,
    onError: (error: unknown) => void,
  ) {
    this.#store = store;
    this.#clock = clock;
    this.#operatorHash = operatorToken === null ? null : Buffer.from(hashApiToken(operatorToken), 'hex');
    this.#uses = new TokenUses(store, clock, onError);
  }

  /** The token, at once if it was used a moment ago. Throws a Problem when nobody may use it. */
  find(authorization: string | undefined): ApiToken | Promise<ApiToken> {
    const hash = hashApiToken(bearerToken(authorization));
    if (this.#operatorHash && timingSafeEqual(this.#operatorHash, Buffer.from(hash, 'hex'))) {
      return configuredOperator;
    }
    const entry = this.#cache.get(hash);
    if (entry && entry.untilMs > this.#clock.monotonicMs()) return this.#used(entry.token);
    return this.#load(hash);
  }

  /** To be called when a token is deleted: it stops working at once. */
  forget(id: TokenId): void {
    for (const [hash, entry] of this.#cache) if (entry.token.id === id) this.#cache.delete(hash);
  }

  /** Writes down which tokens were used. */
  async stop(): Promise<void> {
    await this.#uses.flush();
  }

  async #load(hash: string): Promise<ApiToken> {
    const token = await this.#store.findToken(hash);
    this.#cache.delete(hash);
    if (!token) throw unauthenticated('This bearer token is not known; it may have been deleted.');
    const oldest = this.#cache.keys().next();
    if (this.#cache.size >= cacheEntries && !oldest.done) this.#cache.delete(oldest.value);
    this.#cache.set(hash, { token, untilMs: this.#clock.monotonicMs() + cacheMs });
    return this.#used(token);
  }

  #used(token: ApiToken): ApiToken {
    if (token.expiresAtMs !== null && token.expiresAtMs <= this.#clock.nowMs()) {
      throw unauthenticated(`This bearer token expired on ${new Date(token.expiresAtMs).toISOString()}.`);
    }
    this.#uses.note(token);
    return token;
  }
}

function bearerToken(authorization: string | undefined): string {
  if (authorization === undefined) {
    throw unauthenticated('Send the header "Authorization: Bearer <token>".');
  }
  const match = /^bearer +([\x21-\x7e]+)$/i.exec(authorization);
  if (!match?.[1]) {
    throw unauthenticated('The header Authorization must have the form "Bearer <token>".');
  }
  return match[1];
}

function unauthenticated(detail: string): Problem {
  return new Problem('unauthenticated', detail);
}
