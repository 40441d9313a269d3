import { VerificationError, verify } from '@rowhook/client/verify';
import express from 'express';

const app = express();

// The signature is over the bytes as they came, so no JSON parser may have touched them before.
app.post('/hooks', express.raw({ type: () => true, limit: '8mb' }), async (request, response) => {
  try {
    const event = await verify({
      secret: process.env.WEBHOOK_SECRET ?? '',
      headers: request.headers,
      body: request.body as Uint8Array,
    });
    console.log(request.headers['webhook-id'], event.type);
    response.sendStatus(204);
  } catch (error) {
    response.sendStatus(error instanceof VerificationError ? 401 : 500);
  }
});

app.listen(Number(process.env.PORT ?? 9000), '127.0.0.1', () => console.log('listening'));
