import type { Look } from './chromium.ts';

/** Screens on which the console must look right: both themes, both languages, wide and as narrow as a phone. */
export const looks: readonly (Look & { readonly name: string })[] = [
  { name: 'light, English, wide', colorScheme: 'light', locale: 'en-GB', width: 1_600, height: 1_000 },
  { name: 'dark, French, narrow', colorScheme: 'dark', locale: 'fr-FR', width: 380, height: 800 },
  { name: 'light, French, narrow', colorScheme: 'light', locale: 'fr-FR', width: 380, height: 800 },
  { name: 'dark, English, wide', colorScheme: 'dark', locale: 'en-GB', width: 1_600, height: 1_000 },
];
