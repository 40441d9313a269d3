import type { ServerSetting } from '../../api/types.ts';

/** What settings are about, in the order in which they are shown. */
const themes = {
  retention: /Retention/,
  egress: /^(allowed|egress|dns|extraCa|maxConnections)/,
  mail: /^(smtp|mail|notice)/,
  access: /(Token|session|password|signIn|oidc|portal|trustedProxies|secretKey|SecretKeys)/i,
  limits: /^(max|queueMemory|replay|backlog|idempotency|scheduled)/,
  server: /./,
} as const;

export type SettingTheme = keyof typeof themes;

/** The settings by what they are about; each belongs to the first theme that fits. */
export function groupSettings(
  settings: readonly ServerSetting[],
): readonly { readonly theme: SettingTheme; readonly settings: readonly ServerSetting[] }[] {
  const themeOf = ({ name }: ServerSetting): SettingTheme =>
    (Object.keys(themes) as SettingTheme[]).find((theme) => themes[theme].test(name)) ?? 'server';
  return (Object.keys(themes) as SettingTheme[])
    .map((theme) => ({ theme, settings: settings.filter((setting) => themeOf(setting) === theme) }))
    .filter(({ settings: members }) => members.length > 0);
}
