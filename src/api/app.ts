import swagger from '@fastify/swagger';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import Fastify, {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import type { Config } from '../config/index.ts';
import { randomCharacters } from '../model/ids.ts';
import { Problem } from '../model/problem.ts';
import { Authenticator } from './auth.ts';
import { authorOf } from './caller.ts';
import { jsonParser } from './json-body.ts';
import { documentRoute, openApiOptions } from './openapi.ts';
import type { ApiPlugin, ApiServer } from './plugin.ts';
import { answerError, brokenRequestAnswer, sendProblem } from './problem-reply.ts';
import { RouteIndex } from './route-index.ts';
import { routeModules } from './routes/index.ts';
import type { Services } from './services.ts';
import { schemaCompiler } from './validation.ts';
import { WorkspaceDirectory } from './workspace-directory.ts';

/** A client that sends or takes nothing for so long is cut off. */
const idleConnectionMs = 60_000;
/** Headers must be complete by then. */
const headersTimeoutMs = 15_000;

/** Sent with every answer: nothing of the API is to be cached, framed, or run. */
const commonHeaders = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
};

/** The HTTP API over the given services, and what `plugins` add to it; not listening yet. */
export function buildApi(services: Services, config: Config, plugins: readonly ApiPlugin[] = []): ApiServer {
  const api = Fastify({
    loggerInstance: services.log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: requestIds(),
    bodyLimit: config.maxBodyBytes,
    trustProxy: config.trustedProxies.length === 0 ? false : [...config.trustedProxies],
    connectionTimeout: idleConnectionMs,
    // An import may take as long as it needs, as long as its bytes keep coming.
    requestTimeout: 0,
    http: { headersTimeout: headersTimeoutMs, maxHeaderSize: config.maxHeaderBytes },
    clientErrorHandler: (error, socket) => {
      if (error.code === 'ECONNRESET' || socket.destroyed) return;
      if (socket.writable) socket.write(brokenRequestAnswer(error.code, config.maxHeaderBytes));
      socket.destroy(error);
    },
    frameworkErrors: (error: FastifyError, request, reply) => {
      addCommonHeaders(request, reply);
      answerError(error, request, reply);
    },
  }).withTypeProvider<TypeBoxTypeProvider>();

  const routes = new RouteIndex();
  const directory = new WorkspaceDirectory(services.workspaces);
  const authenticator = new Authenticator(services.identity, directory);

  api.decorateRequest('principal', null);
  api.decorateRequest('caller', null);
  api.decorate('directory', directory);
  api.decorate('publicOrigin', config.publicUrl === null ? null : new URL(config.publicUrl).origin);
  api.addHook('onRoute', (route) => {
    routes.add(route.method, route.url);
    documentRoute(route);
  });
  api.addHook('onRequest', (request, reply, done) => {
    addCommonHeaders(request, reply);
    done();
  });
  api.addHook('onRequest', authenticator.hook);
  // From here on, what the request changes is entered in the audit log as done by its caller.
  api.addHook('preHandler', (request, _reply, done) => {
    if (request.method === 'GET' || request.method === 'HEAD') done();
    else services.audit.during(authorOf(request), done);
  });
  api.addHook('onClose', () => services.identity.stop());
  let closing = false;
  api.addHook('preClose', async () => {
    closing = true;
  });
  // A connection that is in use when the server begins to stop would otherwise be kept alive after its answer.
  api.addHook('onSend', async (_request, reply) => {
    if (closing) reply.header('connection', 'close');
  });
  api.setValidatorCompiler(schemaCompiler());
  api.setErrorHandler(answerError);
  api.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0] ?? '';
    const methods = routes.methodsOf(path);
    if (methods.length === 0) {
      return sendProblem(
        request,
        reply,
        new Problem('not-found', `There is no route ${path}; /openapi.json lists all.`),
      );
    }
    reply.header('allow', methods.join(', '));
    const detail = `${path} does not know ${request.method}, only ${methods.join(', ')}.`;
    return sendProblem(request, reply, new Problem('method-not-allowed', detail));
  });
  api.removeAllContentTypeParsers();
  api.addContentTypeParser('application/json', { parseAs: 'string' }, jsonParser(api));

  api.register(swagger, openApiOptions);
  api.register(async (scope) => {
    const typed = scope.withTypeProvider<TypeBoxTypeProvider>();
    for (const addRoutes of routeModules) addRoutes(typed, services, config);
  });
  for (const plugin of plugins) {
    api.register(async (scope) => plugin(scope.withTypeProvider<TypeBoxTypeProvider>()));
  }
  return api;
}

function addCommonHeaders(request: FastifyRequest, reply: FastifyReply): void {
  reply.headers(commonHeaders).header('request-id', request.id);
}

/** Ids that tell requests apart across processes and restarts, at the price of a counter. */
function requestIds(): () => string {
  const process = randomCharacters(8);
  let count = 0;
  return () => `req_${process}${(++count).toString(36).padStart(6, '0')}`;
}
