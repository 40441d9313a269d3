// app/hooks/route.ts of a Next.js application with the App Router.
import { VerificationError, verify } from '@rowhook/client/verify';

export async function POST(request: Request): Promise<Response> {
  try {
    const event = await verify({
      secret: process.env.WEBHOOK_SECRET ?? '',
      headers: request.headers,
      body: await request.text(),
    });
    console.log(request.headers.get('webhook-id'), event.type);
    return new Response(null, { status: 204 });
  } catch (error) {
    return new Response(null, { status: error instanceof VerificationError ? 401 : 500 });
  }
}
