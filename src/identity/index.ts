import type { Config } from '../config/index.ts';
import type { Clock } from '../model/clock.ts';
import type { Store } from '../store/port.ts';
import { ApiTokens } from './api-tokens.ts';
import { OpenId } from './open-id.ts';
import { Passwords } from './passwords.ts';
import { People } from './people.ts';
import { Portal } from './portal.ts';
import { Sessions } from './sessions.ts';
import { SignIn } from './sign-in.ts';

const hourMs = 60 * 60 * 1_000;
const dayMs = 24 * hourMs;

/** What of the settings is about who may do what. */
export type IdentitySettings = Pick<
  Config,
  | 'operatorToken'
  | 'sessionIdleHours'
  | 'sessionMaxDays'
  | 'passwordLinkDays'
  | 'signInFailuresPerAccount'
  | 'signInFailuresPerAddress'
  | 'oidcIssuer'
  | 'oidcClientId'
  | 'oidcClientSecret'
  | 'oidcAllowedDomains'
  | 'oidcCreatePeople'
>;

export type IdentityStore = Pick<Store, 'workspaces' | 'people' | 'sessions' | 'portalLinks' | 'audit'>;

/** Who may use the API, the console and the portal, and how they prove it. */
export class Identity {
  readonly tokens: ApiTokens;
  readonly sessions: Sessions;
  readonly people: People;
  readonly signIn: SignIn;
  readonly portal: Portal;
  /** Null: people do not sign in through an OpenID provider. */
  readonly openId: OpenId | null;

  constructor(
    store: IdentityStore,
    clock: Clock,
    settings: IdentitySettings,
    onError: (error: unknown) => void,
  ) {
    this.tokens = new ApiTokens(store.workspaces, clock, settings.operatorToken, onError);
    const limits = { idleMs: settings.sessionIdleHours * hourMs, maxMs: settings.sessionMaxDays * dayMs };
    this.sessions = new Sessions(store, clock, this.tokens, limits, onError);
    const linkMs = settings.passwordLinkDays * dayMs;
    this.people = new People(store.people, clock, new Passwords(), this.sessions, linkMs);
    this.openId = openIdOf(settings, this.people);
    this.portal = new Portal(store.portalLinks, clock, this.sessions);
    this.signIn = new SignIn({
      clock,
      audit: store.audit,
      people: this.people,
      sessions: this.sessions,
      tokens: this.tokens,
      failuresPerAccount: settings.signInFailuresPerAccount,
      failuresPerAddress: settings.signInFailuresPerAddress,
    });
  }

  /** To be called when a workspace is deleted: nobody is let in on its account any more. */
  forgetWorkspace(number: number): void {
    this.tokens.forget(({ scope }) => scope.kind === 'workspace' && scope.workspaceNumber === number);
    this.sessions.forget(() => true);
  }

  /** Writes down what is remembered of tokens and sessions. */
  async stop(): Promise<void> {
    await this.tokens.stop();
    await this.sessions.stop();
  }
}

function openIdOf(settings: IdentitySettings, people: People): OpenId | null {
  const { oidcIssuer: issuer, oidcClientId: clientId, oidcClientSecret: clientSecret } = settings;
  if (issuer === null || clientId === null) return null;
  const { oidcAllowedDomains: allowedDomains, oidcCreatePeople } = settings;
  return new OpenId(
    { issuer, clientId, clientSecret, allowedDomains, createsPeople: oidcCreatePeople === 'on' },
    people,
  );
}

export { Chores } from './chores.ts';
export { passwordLimits } from './passwords.ts';
export type { MadePasswordLink } from './people.ts';
export { personLimits } from './person-texts.ts';
export type { SignedIn } from './sessions.ts';
export { portalSessionPrefix } from './sessions.ts';
export type { SignInRequest } from './sign-in.ts';
