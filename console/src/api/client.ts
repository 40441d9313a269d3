import createClient, { type Middleware } from 'openapi-fetch';
import { ApiProblem, problemFrom } from './problem.ts';
import type { paths } from './schema.d.ts';
import { currentSession, endSession } from './session.ts';

const signed: Middleware = {
  onRequest({ request }) {
    for (const [name, value] of Object.entries(sessionHeaders())) request.headers.set(name, value);
    return request;
  },
};

/** The API, typed by its own description. */
export const api = createClient<paths>();
api.use(signed);

/** The headers that say who calls and where. */
export function sessionHeaders(): Record<string, string> {
  const session = currentSession();
  if (session?.kind === 'portal') return { authorization: `Bearer ${session.token}` };
  // No page of another site can send this: with it the server trusts the cookie.
  const headers: Record<string, string> = { 'rowhook-csrf': '1' };
  if (session && session.workspace !== null) headers['rowhook-workspace'] = session.workspace;
  return headers;
}

/** The data of an answer; a failure is thrown as an `ApiProblem`. */
export async function answerOf<Data>(
  call: Promise<{ data?: Data; error?: unknown; response: Response }>,
): Promise<Data> {
  let result: Awaited<typeof call>;
  try {
    result = await call;
  } catch (error) {
    if (error instanceof DOMException) throw error;
    throw new ApiProblem(0, 'No answer', error instanceof Error ? error.message : String(error), [], null);
  }
  if (!result.response.ok) throw refusal(result.response.status, result.error);
  return result.data as Data;
}

/** The problem of a refused call. One that says that nobody is signed in ends the session. */
export function refusal(status: number, body: unknown): ApiProblem {
  if (status === 401 && currentSession()) endSession('refused');
  return problemFrom(status, body);
}
