import { Type } from 'typebox';
import { presets } from '../../model/webhook.ts';
import { defaultConcurrency, presetBehaviours } from '../../webhooks/presets.ts';
import { oneOf } from '../schemas.ts';
import type { RouteModule } from '../server.ts';
import { presetMembers } from '../webhook-schemas.ts';

const presetSchema = Type.Object(
  { name: oneOf(presets, 'Known system to behave like.'), ...presetMembers },
  { title: 'Preset' },
);

const shown = presets.map((name) => {
  const behaviour = presetBehaviours[name];
  return { name, ...behaviour, concurrency: defaultConcurrency(behaviour.order) };
});

/** What presets fill in. */
export const presetRoutes: RouteModule = (api) => {
  api.get(
    '/v1/presets',
    {
      config: { access: 'viewer' },
      schema: {
        tags: ['Webhooks'],
        operationId: 'listPresets',
        summary: 'List presets, and what each fills in',
        response: { 200: Type.Object({ data: Type.Array(presetSchema) }) },
      },
    },
    async () => ({ data: shown }),
  );
};
