export { DeliveryEngine, type DeliveryEngineOptions } from './engine.ts';
export { requestFor } from './request.ts';
export type { TriedOut } from './try-out.ts';
export type { WebhookUsage } from './usage.ts';
