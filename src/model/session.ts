import type { PortalLinkId, SessionId } from './ids.ts';

/** On whose behalf a session acts. */
export type SessionHolder =
  | { readonly kind: 'person'; readonly personNumber: number }
  /** Whoever signed in to the console with an API token; the session ends with the token. */
  | { readonly kind: 'token'; readonly tokenHash: string }
  /** Whoever opened a portal link; the session ends with the link. */
  | { readonly kind: 'portal'; readonly linkId: PortalLinkId };

/** Someone is signed in. The secret that proves it is kept only as a hash. */
export interface Session {
  readonly id: SessionId;
  readonly holder: SessionHolder;
  readonly createdAtMs: number;
  /** Within a minute or two. */
  readonly lastUsedAtMs: number;
  /** Ends then, however much it is used. */
  readonly expiresAtMs: number;
  /** From where it was opened. */
  readonly address: string;
  /** With which browser, as it calls itself; cut. */
  readonly userAgent: string;
}

/** A session as it is handed to the store. */
export type NewSession = Omit<Session, 'createdAtMs' | 'lastUsedAtMs'>;
