import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { presets } from '../../model/webhook.ts';
import { ApiUnderTest } from '../testing/api-under-test.ts';

describe('presets over the API', () => {
  let server: ApiUnderTest;
  before(async () => {
    server = await ApiUnderTest.start();
  });
  after(() => server.stop());

  it('says of every preset what a webhook gets that leaves everything to it', async () => {
    const { body } = await server.call('GET', '/v1/presets');
    assert.deepEqual(
      body.data.map(({ name }: { name: string }) => name),
      presets,
    );
    for (const { name, ...knobs } of body.data) {
      const { body: webhook } = await server.call('POST', '/v1/webhooks', {
        body: { name, url: 'http://127.0.0.1:9/', preset: name },
      });
      for (const [knob, value] of Object.entries(knobs))
        assert.deepEqual(webhook[knob], value, `${name}: ${knob}`);
      assert.deepEqual(webhook.differsFromPreset, []);
    }
  });
});
