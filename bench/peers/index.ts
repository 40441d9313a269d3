import type { OpenPeer } from './peer.ts';

/** By name; loaded only in the process that needs one. */
export const peers = {
  BullMQ: async (): Promise<OpenPeer> => (await import('./bullmq.ts')).openBullmq,
  'pg-boss': async (): Promise<OpenPeer> => (await import('./pg-boss.ts')).openPgBoss,
  'graphile-worker': async (): Promise<OpenPeer> => (await import('./graphile-worker.ts')).openGraphileWorker,
} as const;

export type PeerName = keyof typeof peers;
