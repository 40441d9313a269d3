import { queryOptions } from '@tanstack/react-query';
import { answerOf, api } from './client.ts';
import { ApiProblem } from './problem.ts';
import { beginConsole, beginPortal, endSession, rememberedPortal, sessionUnknown } from './session.ts';
import type { Me } from './types.ts';

/** In which ways people sign in here. */
export const signInWaysQuery = queryOptions({
  queryKey: ['sign-in-ways'],
  staleTime: Number.POSITIVE_INFINITY,
  queryFn: ({ signal }) => answerOf(api.GET('/v1/sign-in', { signal })),
});

const readMe = (): Promise<Me> => answerOf(api.GET('/v1/me'));

/**
 * Finds out who is signed in: through the address, as `npm start` prints it, in the portal of this tab, or by the
 * cookie that the browser has.
 */
export async function resumeSession(): Promise<void> {
  try {
    const token = takeFromAddress('token');
    if (token !== null) return await signIn({ token, stay: true });
    const portal = rememberedPortal();
    if (portal !== null) return beginPortal(portal);
    beginConsole(await readMe());
  } catch (error) {
    if (error instanceof ApiProblem && (error.status === 401 || error.status === 403)) endSession(null);
    else sessionUnknown(error);
  }
}

/** Signs in with a password or a token. */
export async function signIn(
  body: { email: string; password: string; stay: boolean } | { token: string; stay: boolean },
): Promise<void> {
  beginConsole(await answerOf(api.POST('/v1/sign-in', { body })));
}

/** Sets a password through a link, which signs in, too. */
export async function setPasswordThroughLink(link: string, password: string, stay: boolean): Promise<void> {
  beginConsole(await answerOf(api.POST('/v1/password-links/use', { body: { link, password, stay } })));
}

/** Ends the session here and on the server. */
export async function signOut(): Promise<void> {
  try {
    await answerOf(api.POST('/v1/sign-out'));
  } finally {
    endSession('by-hand');
  }
}

/**
 * What follows `#NAME=` in the address; it is taken out of the address bar and the history. It came from a
 * terminal or a link, and must not be found in them later.
 */
export function takeFromAddress(name: string): string | null {
  const value = new URLSearchParams(location.hash.slice(1)).get(name);
  if (value === null || value === '') return null;
  history.replaceState(null, '', location.pathname + location.search);
  return value;
}
