/**
 * A webhook's target is either a URL to which requests go, or a list of mail addresses, written as one URL
 * (RFC 6068): `mailto:ann@example.com,bob@example.com`. The scheme tells which.
 */
const scheme = 'mailto:';

/** What a mail address may look like: no display name, no quoting, nothing that could end a header. */
const address = /^[^\s@<>(),;:"\\[\]%?&\p{C}]{1,64}@[a-z0-9](?:[a-z0-9.-]{0,252}[a-z0-9])?$/iu;

export function isMailAddress(text: string): boolean {
  return text.length <= 254 && address.test(text);
}

export function mailtoUrl(emails: readonly string[]): string {
  return scheme + emails.join(',');
}

/** The mail addresses of a target; null when it is one to which requests go. */
export function emailsOf(url: string): readonly string[] | null {
  return url.startsWith(scheme) ? url.slice(scheme.length).split(',') : null;
}
