import { type DestinationStream, type Logger, pino } from 'pino';

const mask = '***';

/** Members of what is logged that are hidden whatever they hold, as they are named anywhere in an object. */
const secretMembers = ['authorization', 'cookie', 'password', 'passphrase', 'secret', 'secretKey', 'token'];

/** What gives a secret away in the middle of a text: the first group stays, the rest is hidden. */
const secretTexts: readonly RegExp[] = [
  // Signing secrets and private keys.
  /\b(whsec_|whsk_)[A-Za-z0-9+/=]{8,}/g,
  /(-----BEGIN [A-Z ]*PRIVATE KEY-----).*?-----END [A-Z ]*PRIVATE KEY-----/gs,
  // Tokens of this server.
  /\b(rowhook_(?:[a-z]+_)*)[0-9A-Za-z]{20,}/g,
  // What headers carry.
  /\b((?:Bearer|Basic) +)[A-Za-z0-9._~+/=-]{6,}/gi,
  // Credentials in a URL, and parameters of one that are named like a secret.
  /([a-z][a-z0-9+.-]*:\/\/)[^\s/@:"]*:[^\s/@"]+(?=@)/gi,
  /([?&#](?:access_token|api_?key|code|key|password|secret|signature|state|token)=)[^&\s"\\]+/gi,
];

/**
 * The log: one JSON object a line. Secrets are hidden in it, whoever logs them: by the name of the member that
 * holds them, and by how they look, since errors of libraries carry URLs and headers in their texts.
 */
export function createLog(level: string, destination?: DestinationStream): Logger {
  const paths = secretMembers.flatMap((name) => [name, `*.${name}`, `*.*.${name}`, `*.*.*.${name}`]);
  const options = { level, redact: { paths, censor: mask }, hooks: { streamWrite: masked } };
  return destination === undefined ? pino(options) : pino(options, destination);
}

/** The text without the secrets that are in it. */
export function masked(text: string): string {
  let shown = text;
  for (const pattern of secretTexts) shown = shown.replace(pattern, `$1${mask}`);
  return shown;
}
