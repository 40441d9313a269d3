import { VerificationError, verify } from '@rowhook/client/verify';

interface Env {
  /** `npx wrangler secret put WEBHOOK_SECRET` */
  readonly WEBHOOK_SECRET: string;
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    if (request.method !== 'POST') return new Response(null, { status: 405 });
    try {
      const event = await verify({
        secret: env.WEBHOOK_SECRET,
        headers: request.headers,
        body: new Uint8Array(await request.arrayBuffer()),
      });
      console.log(request.headers.get('webhook-id'), event.type);
      return new Response(null, { status: 204 });
    } catch (error) {
      return new Response(null, { status: error instanceof VerificationError ? 401 : 500 });
    }
  },
};
