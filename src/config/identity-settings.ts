import { addressOrNetwork } from './readers.ts';
import { longestRetentionDays } from './retention-days.ts';
import { list, wholeNumber } from './setting.ts';

/** Settings about who may use the server, and what is told of what they do. */
export const identitySettings = {
  trustedProxies: list<string, readonly string[]>({
    description:
      'Proxies in front of the server, whose `X-Forwarded-For` and `X-Forwarded-Proto` say who calls and how.',
    fallback: [],
    unit: 'IP addresses and CIDRs, separated by commas',
    item: addressOrNetwork,
  }),
  sessionIdleHours: wholeNumber({
    description: 'A console session that is not used for so long ends.',
    fallback: 168,
    unit: 'hours',
    minimum: 1,
    maximum: 8_760,
  }),
  sessionMaxDays: wholeNumber({
    description: 'A console session ends so long after the sign-in, however much it is used.',
    fallback: 30,
    unit: 'days',
    minimum: 1,
    maximum: 365,
  }),
  signInFailuresPerAccount: wholeNumber({
    description: 'Sign-ins of one account that may fail in a quarter of an hour.',
    fallback: 10,
    unit: 'sign-ins',
    minimum: 1,
    maximum: 1_000,
  }),
  signInFailuresPerAddress: wholeNumber({
    description: 'Sign-ins from one address that may fail in a quarter of an hour.',
    fallback: 100,
    unit: 'sign-ins',
    minimum: 1,
    maximum: 100_000,
  }),
  passwordLinkDays: wholeNumber({
    description: 'How long an invitation, or a link to set another password, can be used.',
    fallback: 7,
    unit: 'days',
    minimum: 1,
    maximum: 90,
  }),
  auditRetentionDays: wholeNumber({
    description: 'How long the audit log is kept. 0 keeps it for ever.',
    fallback: 3_650,
    unit: 'days',
    minimum: 0,
    maximum: longestRetentionDays,
  }),
};
