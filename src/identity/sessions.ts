import type { Clock } from '../model/clock.ts';
import { newSessionId, type SessionId } from '../model/ids.ts';
import type { Person } from '../model/person.ts';
import type { PortalLink } from '../model/portal-link.ts';
import { Problem } from '../model/problem.ts';
import { hashSecretToken, newSecretToken } from '../model/secret-token.ts';
import type { Session, SessionHolder } from '../model/session.ts';
import type { ApiToken } from '../model/workspace.ts';
import type { PeopleStore, PortalLinkStore, SessionStore } from '../store/port.ts';
import type { ApiTokens } from './api-tokens.ts';
import { LazyUses } from './lazy-uses.ts';
import { Recent } from './recent.ts';

/** Of one person or token; a further sign-in ends the longest unused one. */
const sessionsOfHolder = 50;
/** Everybody who has opened the same portal link. */
const sessionsOfPortalLink = 200;
const maxUserAgentCharacters = 200;
const removedAtOnce = 500;

/** A session of the portal is a bearer token of its own kind. */
export const portalSessionPrefix = 'rowhook_portal_';
const consoleSessionPrefix = 'rowhook_session_';

/** Someone who is signed in, with what a request needs to know of them. */
export type SignedIn =
  | { readonly kind: 'person'; readonly session: Session; readonly person: Person }
  | { readonly kind: 'token'; readonly session: Session; readonly token: ApiToken }
  | { readonly kind: 'portal'; readonly session: Session; readonly link: PortalLink };

/** From where someone signs in. */
export interface Whereabouts {
  readonly address: string;
  readonly userAgent: string;
}

export interface OpenedSession {
  readonly session: Session;
  /** What the browser keeps. */
  readonly secret: string;
}

export interface SessionLimits {
  readonly idleMs: number;
  readonly maxMs: number;
}

interface SessionStores {
  readonly sessions: SessionStore;
  readonly people: PeopleStore;
  readonly portalLinks: PortalLinkStore;
}

/** Who is signed in to the console or the portal. */
export class Sessions {
  readonly #stores: SessionStores;
  readonly #clock: Clock;
  readonly #tokens: ApiTokens;
  readonly #limits: SessionLimits;
  readonly #uses: LazyUses<SessionId>;
  readonly #recent: Recent<{ readonly signedIn: SignedIn; usedAtMs: number }>;

  constructor(
    stores: SessionStores,
    clock: Clock,
    tokens: ApiTokens,
    limits: SessionLimits,
    onError: (error: unknown) => void,
  ) {
    this.#stores = stores;
    this.#clock = clock;
    this.#tokens = tokens;
    this.#limits = limits;
    this.#uses = new LazyUses(clock, (used) => stores.sessions.saveUses(used), onError);
    this.#recent = new Recent(clock);
  }

  /** `endsByMs`: no later than what the session comes from, such as a token. */
  async open(
    holder: SessionHolder,
    from: Whereabouts,
    endsByMs = Number.POSITIVE_INFINITY,
  ): Promise<OpenedSession> {
    const isPortal = holder.kind === 'portal';
    const secret = newSecretToken(isPortal ? portalSessionPrefix : consoleSessionPrefix);
    const session = await this.#stores.sessions.add(
      {
        id: newSessionId(),
        holder,
        expiresAtMs: Math.min(this.#clock.nowMs() + this.#limits.maxMs, endsByMs),
        address: from.address,
        userAgent: from.userAgent.slice(0, maxUserAgentCharacters),
      },
      hashSecretToken(secret),
      isPortal ? sessionsOfPortalLink : sessionsOfHolder,
    );
    return { session, secret };
  }

  /** Who has the session; at once if it was used a moment ago. Throws a Problem when it has ended. */
  find(secret: string): SignedIn | Promise<SignedIn> {
    const hash = hashSecretToken(secret);
    const recent = this.#recent.get(hash);
    return recent ? this.#use(recent) : this.#load(hash);
  }

  list(holder: SessionHolder): Promise<readonly Session[]> {
    return this.#stores.sessions.listOf(holder);
  }

  async end(id: SessionId): Promise<void> {
    await this.#stores.sessions.end(id);
    this.forget(({ session }) => session.id === id);
  }

  /** Ends the session that a browser has, if it has one. */
  async endBySecret(secret: string): Promise<void> {
    const session = await this.#stores.sessions.find(hashSecretToken(secret));
    if (session) await this.end(session.id);
  }

  async endAll(holder: SessionHolder, kept: SessionId | null): Promise<void> {
    await this.#stores.sessions.endAllOf(holder, kept);
    this.forget(({ session }) => isSame(session.holder, holder) && session.id !== kept);
  }

  /** To be called when sessions end, or people or links change: what is remembered of them is read again. */
  forget(isMeant: (signedIn: SignedIn) => boolean): void {
    this.#recent.forget(({ signedIn }) => isMeant(signedIn));
  }

  /** Removes what has ended; answers how many. */
  removeEnded(): Promise<number> {
    const nowMs = this.#clock.nowMs();
    return this.#stores.sessions.removeEnded(nowMs, nowMs - this.#limits.idleMs, removedAtOnce);
  }

  /** Writes down which sessions were used. */
  stop(): Promise<void> {
    return this.#uses.flush();
  }

  async #load(hash: string): Promise<SignedIn> {
    const session = await this.#stores.sessions.find(hash);
    const signedIn = session && (await this.#signedIn(session));
    if (!signedIn) throw ended();
    const entry = { signedIn, usedAtMs: signedIn.session.lastUsedAtMs };
    const used = this.#use(entry);
    this.#recent.keep(hash, entry);
    return used;
  }

  async #signedIn(session: Session): Promise<SignedIn | null> {
    const { holder } = session;
    switch (holder.kind) {
      case 'person': {
        const person = await this.#stores.people.findByNumber(holder.personNumber);
        return person?.state === 'active' ? { kind: 'person', session, person } : null;
      }
      case 'token':
        return { kind: 'token', session, token: await this.#tokens.findByHash(holder.tokenHash) };
      case 'portal': {
        const link = await this.#stores.portalLinks.find(holder.linkId);
        return link ? { kind: 'portal', session, link } : null;
      }
    }
  }

  #use(entry: { readonly signedIn: SignedIn; usedAtMs: number }): SignedIn {
    const nowMs = this.#clock.nowMs();
    const { session } = entry.signedIn;
    if (session.expiresAtMs <= nowMs || entry.usedAtMs + this.#limits.idleMs <= nowMs) throw ended();
    entry.usedAtMs = nowMs;
    this.#uses.note(session.id, session.lastUsedAtMs);
    return entry.signedIn;
  }
}

function ended(): Problem {
  return new Problem('unauthenticated', 'This session has ended; sign in again.');
}

function isSame(one: SessionHolder, other: SessionHolder): boolean {
  switch (one.kind) {
    case 'person':
      return other.kind === 'person' && one.personNumber === other.personNumber;
    case 'token':
      return other.kind === 'token' && one.tokenHash === other.tokenHash;
    case 'portal':
      return other.kind === 'portal' && one.linkId === other.linkId;
  }
}
