export type { Deliveries, DeliveryListener } from './deliveries.ts';
export { DeliveryEngine, type DeliveryEngineOptions, type EngineWebhooks } from './engine.ts';
export { DeliveryProcess, type DeliveryProcessOptions } from './process.ts';
export type { ReplayCount } from './replay/replay-count.ts';
export type { ReplayRequest, ReplayWish } from './replay/replays.ts';
export { requestFor } from './request.ts';
export { type TriedOut, tryOut } from './try-out.ts';
export { readUsage, type WebhookUsage } from './usage.ts';
