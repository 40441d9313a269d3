import './theme/styles.ts';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './App.tsx';
import { resumeSession } from './api/sign-in.ts';
import { loadLanguage, preferredLanguage } from './i18n/index.tsx';

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no element #root');
const language = preferredLanguage();
const [messages] = await Promise.all([loadLanguage(language), resumeSession()]);
createRoot(root).render(
  <StrictMode>
    <App initial={{ language, messages }} />
  </StrictMode>,
);
