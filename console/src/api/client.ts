import createClient, { type Middleware } from 'openapi-fetch';
import { ApiProblem, problemFrom } from './problem.ts';
import type { paths } from './schema.d.ts';
import { currentSession, signOut } from './session.ts';

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
  if (!session) return {};
  const headers: Record<string, string> = { authorization: `Bearer ${session.token}` };
  if (session.workspace !== null) headers['rowhook-workspace'] = session.workspace;
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

/** The problem of a refused call. A token that is not known ends the session. */
export function refusal(status: number, body: unknown): ApiProblem {
  if (status === 401 && currentSession()) signOut('refused');
  return problemFrom(status, body);
}
