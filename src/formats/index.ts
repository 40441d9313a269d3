import type { JournalEvent } from '../model/event.ts';
import type { WebhookSettings } from '../model/webhook.ts';
import { renderCloudEvents } from './cloudevents.ts';
import { renderCodat } from './codat.ts';
import { renderGrist } from './grist.ts';
import type { Rendering } from './payload.ts';
import { renderSeaTable } from './seatable.ts';
import { renderStandard } from './standard.ts';
import { renderTemplate } from './template.ts';

export type { Payload, RenderFailure, Rendering } from './payload.ts';
export { batchableFormats, formatAccepts } from './rules.ts';
export { compileTemplate, type TemplateCompilation, type TemplateSource } from './template.ts';
export { templateLimits } from './template-limits.ts';

/**
 * The body for one delivery, or why there is none: a person's own template can fail. Depends on nothing but
 * its arguments, so that a delivery interrupted by a crash is sent again with the same bytes. A webhook that
 * batches gets an array even for one event.
 */
export function tryRender(
  events: readonly JournalEvent[],
  settings: Pick<WebhookSettings, 'batch' | 'format' | 'template'>,
): Rendering {
  // A batch that is sent again stays one, although the webhook may no longer batch.
  const batched = settings.batch.maxEvents > 1 || events.length > 1;
  switch (settings.format) {
    case 'standard':
      return renderStandard(events, batched);
    case 'seatable':
      return renderSeaTable(events, batched);
    case 'grist':
      return renderGrist(events);
    case 'codat':
      return renderCodat(events, batched);
    case 'cloudevents':
      return renderCloudEvents(events, batched);
    case 'template':
      return renderTemplate(events, settings.template);
  }
}
