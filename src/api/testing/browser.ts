import { parseSetCookie } from 'cookie';
import type { Answer, ApiUnderTest, CallOptions } from './api-under-test.ts';

/** What a browser does with cookies, and sends by itself. */
export class BrowserUnderTest {
  readonly #server: ApiUnderTest;
  readonly #headers: Readonly<Record<string, string>>;
  readonly cookies = new Map<string, string>();
  /** As the server set them last, in full. */
  readonly setCookies: string[] = [];

  constructor(server: ApiUnderTest, headers: Readonly<Record<string, string>> = {}) {
    this.#server = server;
    this.#headers = { 'sec-fetch-site': 'same-origin', 'rowhook-csrf': '1', ...headers };
  }

  async call(method: string, url: string, options: CallOptions = {}): Promise<Answer> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { ...this.#headers, ...(cookie === '' ? {} : { cookie }), ...options.headers };
    const answer = await this.#server.call(method, url, { ...options, token: null, headers });
    const set = answer.headers['set-cookie'];
    for (const text of Array.isArray(set) ? set : set === undefined ? [] : [String(set)]) {
      this.setCookies.push(text);
      const { name, value = '', expires } = parseSetCookie(text);
      if (expires && expires.getTime() <= Date.now()) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return answer;
  }

  signIn(email: string, password: string, stay = false): Promise<Answer> {
    return this.call('POST', '/v1/sign-in', { body: { email, password, stay } });
  }
}
