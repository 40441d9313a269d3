import { createContext, type ReactNode, useContext, useMemo, useState } from 'react';
import type { Messages } from './en/index.ts';
import { type Format, formatFor } from './format.ts';

export type { Messages } from './en/index.ts';

/** Languages of the console, each with its own name for itself. */
export const languages = { en: 'English', fr: 'Français' } as const;
export type Language = keyof typeof languages;

const storageKey = 'rowhook-language';
const loaders: Readonly<Record<Language, () => Promise<Messages>>> = {
  en: async () => (await import('./en/index.ts')).en,
  fr: async () => (await import('./fr/index.ts')).fr,
};

export interface LoadedLanguage {
  readonly language: Language;
  readonly messages: Messages;
}

interface Translation extends LoadedLanguage {
  readonly format: Format;
  change(language: Language): Promise<void>;
}

const TranslationContext = createContext<Translation | null>(null);

/** The language that was chosen before, or the browser's first one that there is. */
export function preferredLanguage(): Language {
  const wanted = [localStorage.getItem(storageKey) ?? '', ...navigator.languages];
  for (const tag of wanted) {
    const language = tag.slice(0, 2).toLowerCase();
    if (language in languages) return language as Language;
  }
  return 'en';
}

/** The tag of a language as it is written where the reader is: `en-GB` writes days otherwise than `en-US`. */
function regionalTag(language: Language): string {
  return navigator.languages.find((tag) => tag === language || tag.startsWith(`${language}-`)) ?? language;
}

/** Fetches the texts of a language; each is a script of its own. */
export function loadLanguage(language: Language): Promise<Messages> {
  return loaders[language]();
}

export function LanguageProvider({ initial, children }: { initial: LoadedLanguage; children: ReactNode }) {
  const [loaded, setLoaded] = useState(initial);
  const translation = useMemo<Translation>(() => {
    document.documentElement.lang = loaded.language;
    return {
      ...loaded,
      format: formatFor(regionalTag(loaded.language)),
      change: async (language) => {
        const messages = await loadLanguage(language);
        localStorage.setItem(storageKey, language);
        setLoaded({ language, messages });
      },
    };
  }, [loaded]);
  return <TranslationContext.Provider value={translation}>{children}</TranslationContext.Provider>;
}

export function useTranslation(): Translation {
  const translation = useContext(TranslationContext);
  if (!translation) throw new Error('useTranslation is used outside of LanguageProvider');
  return translation;
}

/** The texts of the present language. */
export function useMessages(): Messages {
  return useTranslation().messages;
}

/** Numbers, times and durations as the present language writes them. */
export function useFormat(): Format {
  return useTranslation().format;
}
