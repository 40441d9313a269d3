import { timingSafeEqual } from 'node:crypto';
import type { Clock } from '../model/clock.ts';
import type { TokenId } from '../model/ids.ts';
import { Problem } from '../model/problem.ts';
import { hashSecretToken } from '../model/secret-token.ts';
import type { ApiToken } from '../model/workspace.ts';
import type { WorkspaceStore } from '../store/port.ts';
import { LazyUses } from './lazy-uses.ts';
import { Recent } from './recent.ts';

/** The operator whose token is given in the settings. */
const configuredOperator: ApiToken = {
  id: 'tok_operator' as TokenId,
  name: 'operator',
  scope: { kind: 'operator' },
  createdAtMs: 0,
  expiresAtMs: null,
  lastUsedAtMs: null,
};

/** The keys of programs. */
export class ApiTokens {
  readonly #store: WorkspaceStore;
  readonly #clock: Clock;
  readonly #operatorHash: Buffer | null;
  readonly #uses: LazyUses<TokenId>;
  readonly #recent: Recent<ApiToken>;

  /** `operatorToken` comes from the settings and works besides the tokens of the store. */
  constructor(
    store: WorkspaceStore,
    clock: Clock,
    operatorToken: string | null,
    onError: (error: unknown) => void,
  ) {
    this.#store = store;
    this.#clock = clock;
    this.#operatorHash = operatorToken === null ? null : Buffer.from(hashSecretToken(operatorToken), 'hex');
    this.#uses = new LazyUses(clock, (used) => store.saveTokenUses(used), onError);
    this.#recent = new Recent(clock);
  }

  /** The token that is sent; at once if it was used a moment ago. Throws a Problem when nobody may use it. */
  find(token: string): ApiToken | Promise<ApiToken> {
    return this.findByHash(hashSecretToken(token));
  }

  /** Like `find`. */
  findByHash(hash: string): ApiToken | Promise<ApiToken> {
    if (this.#operatorHash && timingSafeEqual(this.#operatorHash, Buffer.from(hash, 'hex'))) {
      return configuredOperator;
    }
    const recent = this.#recent.get(hash);
    return recent ? this.#used(recent) : this.#load(hash);
  }

  /** To be called when tokens are deleted: they stop working at once. */
  forget(isMeant: (token: ApiToken) => boolean): void {
    this.#recent.forget(isMeant);
  }

  /** Writes down which tokens were used. */
  stop(): Promise<void> {
    return this.#uses.flush();
  }

  async #load(hash: string): Promise<ApiToken> {
    const token = await this.#store.findToken(hash);
    if (!token) {
      throw new Problem('unauthenticated', 'This bearer token is not known; it may have been deleted.');
    }
    this.#recent.keep(hash, token);
    return this.#used(token);
  }

  #used(token: ApiToken): ApiToken {
    if (token.expiresAtMs !== null && token.expiresAtMs <= this.#clock.nowMs()) {
      const when = new Date(token.expiresAtMs).toISOString();
      throw new Problem('unauthenticated', `This bearer token expired on ${when}.`);
    }
    this.#uses.note(token.id, token.lastUsedAtMs);
    return token;
  }
}
