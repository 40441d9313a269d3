import type { Preset, Webhook } from '../../api/types.ts';

/** What the server takes at present; a browser test compares it with the real server. */
export const offeredPresets: readonly Preset[] = ['plain', 'seatable', 'grist', 'codat'];
export const offeredFormats: readonly Webhook['format'][] = [
  'standard',
  'seatable',
  'grist',
  'codat',
  'cloudevents',
  'template',
];
export const offeredSignatures: readonly Webhook['signature'][] = [
  'standard',
  'standardAsymmetric',
  'seatable',
  'none',
];
