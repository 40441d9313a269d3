import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useLiveUpdates } from './api/live.ts';
import { ApiProblem } from './api/problem.ts';
import { useSessionState } from './api/session.ts';
import { LanguageProvider, type LoadedLanguage } from './i18n/index.tsx';
import { createConsoleRouter } from './router.tsx';
import { NoServer } from './scenes/sign-in/NoServer.tsx';
import { SetPassword } from './scenes/sign-in/SetPassword.tsx';
import { SignIn } from './scenes/sign-in/SignIn.tsx';
import { theme } from './theme/theme.ts';

const maxRetries = 2;

function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 1_000,
        // What the server refused once it refuses again; only what may pass by itself is tried again.
        retry: (count, error) =>
          count < maxRetries && error instanceof ApiProblem && (error.status === 0 || error.status >= 500),
      },
    },
  });
}

export function App({ initial }: { initial: LoadedLanguage }) {
  return (
    <LanguageProvider initial={initial}>
      <MantineProvider theme={theme} defaultColorScheme="auto">
        <Notifications position="bottom-right" />
        <Main />
      </MantineProvider>
    </LanguageProvider>
  );
}

function Main() {
  const session = useSessionState();
  const [page, setPage] = useState(lonePage);
  if (page === 'set-password') return <SetPassword onDone={() => setPage(null)} />;
  switch (session.kind) {
    case 'unknown':
      return <NoServer error={session.error} />;
    case 'signed-out':
      return <SignIn />;
    case 'portal':
      return <SignedIn key={session.token} />;
    case 'console':
      return <SignedIn key={`${session.me.id} ${session.workspace}`} />;
  }
}

/** Pages that stand for themselves, whoever is signed in. */
function lonePage(): 'set-password' | null {
  return location.pathname === '/set-password' ? 'set-password' : null;
}

/** Starts afresh for everyone and every workspace, so that nothing of one is shown in another. */
function SignedIn() {
  const [client] = useState(createQueryClient);
  const [router] = useState(() => createConsoleRouter(client));
  useLiveUpdates(client);
  useEffect(() => () => client.clear(), [client]);
  return (
    <QueryClientProvider client={client}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  );
}
