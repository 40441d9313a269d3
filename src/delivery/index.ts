export type { Deliveries, DeliveryListener } from './deliveries.ts';
export { DeliveryEngine, type DeliveryEngineOptions, type EngineWebhooks } from './engine.ts';
export { DeliveryProcess, type DeliveryProcessOptions } from './process.ts';
export { requestFor } from './request.ts';
export type { TriedOut } from './try-out.ts';
export type { WebhookUsage } from './usage.ts';
