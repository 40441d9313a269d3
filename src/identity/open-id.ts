import * as client from 'openid-client';
import type { Person } from '../model/person.ts';
import { Problem } from '../model/problem.ts';
import type { People } from './people.ts';

/** Longest wait for an answer of the provider. */
const timeoutSeconds = 10;

export interface OpenIdSettings {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string | null;
  /** Of e-mail addresses; empty: every one. */
  readonly allowedDomains: readonly string[];
  /** Whether accounts are made for those who have none. */
  readonly createsPeople: boolean;
}

/** What the browser keeps between leaving for the provider and coming back: who else comes back is refused. */
export interface OpenIdFlow {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}

/** Signing in through an OpenID provider: authorization code with PKCE, state and nonce. */
export class OpenId {
  readonly #settings: OpenIdSettings;
  readonly #people: People;
  #configuration: Promise<client.Configuration> | null = null;

  constructor(settings: OpenIdSettings, people: People) {
    this.#settings = settings;
    this.#people = people;
  }

  /** Where to send the browser. */
  async begin(redirectUri: string): Promise<{ url: string; flow: OpenIdFlow }> {
    const flow = {
      state: client.randomState(),
      nonce: client.randomNonce(),
      codeVerifier: client.randomPKCECodeVerifier(),
    };
    const url = client.buildAuthorizationUrl(await this.#discover(), {
      redirect_uri: redirectUri,
      scope: 'openid email profile',
      state: flow.state,
      nonce: flow.nonce,
      code_challenge: await client.calculatePKCECodeChallenge(flow.codeVerifier),
      code_challenge_method: 'S256',
    });
    return { url: url.href, flow };
  }

  /** Who has come back. Throws a Problem when nobody may be let in. */
  async finish(currentUrl: URL, flow: OpenIdFlow): Promise<Person> {
    const configuration = await this.#discover();
    let claims: Readonly<Record<string, unknown>>;
    try {
      const tokens = await client.authorizationCodeGrant(configuration, currentUrl, {
        pkceCodeVerifier: flow.codeVerifier,
        expectedState: flow.state,
        expectedNonce: flow.nonce,
        idTokenExpected: true,
      });
      const idToken = tokens.claims();
      if (!idToken) throw new Error('there is no ID token');
      const more = await client.fetchUserInfo(configuration, tokens.access_token, idToken.sub);
      claims = { ...more, ...idToken };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Problem('unauthenticated', `The OpenID provider did not let you in: ${reason}.`);
    }
    return this.#personOf(claims);
  }

  async #personOf(claims: Readonly<Record<string, unknown>>): Promise<Person> {
    const subject = `${String(claims.iss)} ${String(claims.sub)}`;
    const known = await this.#people.findByOpenIdSubject(subject);
    if (known) return active(known);
    // An address that the provider has not verified is anybody's to claim.
    const email = claims.email_verified === true && typeof claims.email === 'string' ? claims.email : null;
    if (email === null)
      throw new Problem('forbidden', 'The OpenID provider has verified no e-mail address of yours.');
    const { allowedDomains, createsPeople } = this.#settings;
    const domain = email.slice(email.lastIndexOf('@') + 1).toLowerCase();
    if (allowedDomains.length > 0 && !allowedDomains.includes(domain)) {
      throw new Problem('forbidden', `Addresses of ${domain} may not sign in here.`);
    }
    const invited = await this.#people.findByEmail(email);
    if (invited) {
      await this.#people.linkOpenId(invited, subject);
      return active(invited);
    }
    if (!createsPeople)
      throw new Problem('forbidden', `There is no account for ${email}; ask an operator for one.`);
    const name = typeof claims.name === 'string' && claims.name.trim() !== '' ? claims.name : email;
    return this.#people.create(
      { email, name: name.slice(0, 100), openIdSubject: subject },
      'OpenID provider',
    );
  }

  /** Asked for once it is needed, and again when that failed. */
  #discover(): Promise<client.Configuration> {
    const { issuer, clientId, clientSecret } = this.#settings;
    this.#configuration ??= client
      .discovery(
        new URL(issuer),
        clientId,
        clientSecret === null ? undefined : { client_secret: clientSecret },
        clientSecret === null ? client.None() : undefined,
        {
          timeout: timeoutSeconds,
          // Only for a provider that the operator has given an http address, such as one on the same machine.
          ...(issuer.startsWith('http:') ? { execute: [client.allowInsecureRequests] } : {}),
        },
      )
      .catch((error: unknown) => {
        this.#configuration = null;
        const reason = error instanceof Error ? error.message : String(error);
        throw new Problem('unavailable', `The OpenID provider does not answer: ${reason}.`);
      });
    return this.#configuration;
  }
}

function active(person: Person): Person {
  if (person.state === 'active') return person;
  throw new Problem('forbidden', 'This account is suspended.');
}
