import { VerificationError, verify } from '@rowhook/client/verify';
import { fastify } from 'fastify';

const app = fastify({ bodyLimit: 8 * 1024 * 1024 });

// The signature is over the bytes as they came.
app.removeAllContentTypeParsers();
app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));

app.post('/hooks', async (request, reply) => {
  try {
    const event = await verify({
      secret: process.env.WEBHOOK_SECRET ?? '',
      headers: request.headers,
      body: request.body as Uint8Array,
    });
    console.log(request.headers['webhook-id'], event.type);
    return await reply.code(204).send();
  } catch (error) {
    return await reply.code(error instanceof VerificationError ? 401 : 500).send();
  }
});

await app.listen({ port: Number(process.env.PORT ?? 9000), host: '127.0.0.1' });
console.log('listening');
