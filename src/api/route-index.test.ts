import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RouteIndex } from './route-index.ts';

describe('the index of routes', () => {
  const routes = new RouteIndex();
  routes.add('GET', '/v1/webhooks/:id');
  routes.add(['PATCH', 'DELETE'], '/v1/webhooks/:id');
  routes.add('POST', '/v1/webhooks/test');
  routes.add('GET', '/openapi.json');

  it('knows the methods of a path', () => {
    assert.deepEqual(routes.methodsOf('/v1/webhooks/wh_1'), ['DELETE', 'GET', 'PATCH']);
    assert.deepEqual(routes.methodsOf('/v1/webhooks/test'), ['DELETE', 'GET', 'PATCH', 'POST']);
  });

  it('knows of no other path', () => {
    for (const path of ['/v1/webhooks', '/v1/webhooks/', '/v1/webhooks/a/b', '/openapi-json', '/', '']) {
      assert.deepEqual(routes.methodsOf(path), [], path);
    }
  });
});
