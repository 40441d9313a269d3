import type { Attempt } from '../../api/types.ts';

type SentRequest = NonNullable<Attempt['request']>;

/** A text as one word of a POSIX shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** A request as a command for a POSIX shell. Hidden values of secret headers stay hidden. */
export function curlOf({ method, url, headers, body }: SentRequest): string {
  const parts = [`curl -X ${method} ${quoted(url)}`];
  for (const [name, value] of Object.entries(headers)) parts.push(`-H ${quoted(`${name}: ${value}`)}`);
  if (body !== null) parts.push(`--data-raw ${quoted(body)}`);
  return parts.join(' \\\n  ');
}
