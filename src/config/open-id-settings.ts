import { domain, plain, url } from './readers.ts';
import { list, text, word } from './setting.ts';

/** Settings about signing in through an OpenID provider. */
export const openIdSettings = {
  oidcIssuer: text<string | null>({
    description: 'OpenID provider through which people may sign in: its issuer.',
    fallback: null,
    unit: 'https:// URL',
    read: url(['https', 'http'], 'https://id.example.com'),
  }),
  oidcClientId: text<string | null>({
    description: 'Id of this server at the OpenID provider.',
    fallback: null,
    read: plain(1, 500),
  }),
  oidcClientSecret: text<string | null>({
    description: 'Secret of this server at the OpenID provider.',
    fallback: null,
    secret: true,
    read: plain(1, 1_000),
  }),
  oidcAllowedDomains: list<string, readonly string[]>({
    description: 'Domains of e-mail addresses that may sign in through the OpenID provider; none: all.',
    fallback: [],
    unit: 'domains, separated by commas',
    item: domain,
  }),
  oidcCreatePeople: word({
    description:
      'Whether an account is made for whoever signs in through the OpenID provider and has none; it is a member of no workspace.',
    fallback: 'off',
    words: ['on', 'off'],
  }),
};
