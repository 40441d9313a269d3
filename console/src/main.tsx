import './theme/styles.ts';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './App.tsx';
import { signInFromAddress } from './api/session.ts';
import { loadLanguage, preferredLanguage } from './i18n/index.tsx';

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no element #root');
signInFromAddress();
const language = preferredLanguage();
const messages = await loadLanguage(language);
createRoot(root).render(
  <StrictMode>
    <App initial={{ language, messages }} />
  </StrictMode>,
);
