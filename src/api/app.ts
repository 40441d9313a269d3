import swagger from '@fastify/swagger';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import Fastify, {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import type { Logger } from 'pino';
import type { Config } from '../config/index.ts';
import { randomCharacters } from '../model/ids.ts';
import { Problem } from '../model/problem.ts';
import { Authenticator } from './auth.ts';
import { limitBodyMemory } from './body-memory.ts';
import { authorOf } from './caller.ts';
import { type ConnectionTimes, connectionTimes, limitBodyTime } from './connection-times.ts';
import { refuseEncodedBodies } from './encoded-bodies.ts';
import { jsonParser } from './json-body.ts';
import { documentRoute, openApiOptions } from './openapi.ts';
import type { ApiPlugin, ApiServer } from './plugin.ts';
import { answerError, brokenRequestAnswer, sendProblem } from './problem-reply.ts';
import { RouteIndex } from './route-index.ts';
import { routeModules } from './routes/index.ts';
import { securityHeaders } from './security-headers.ts';
import type { Services } from './services.ts';
import { schemaCompiler } from './validation.ts';
import { WorkspaceDirectory } from './workspace-directory.ts';

/** Between two lines in the log about clients that were turned away. */
const turnedAwayPauseMs = 60_000;

/** The HTTP API over the given services, and what `plugins` add to it; not listening yet. */
export function buildApi(
  services: Services,
  config: Config,
  plugins: readonly ApiPlugin[] = [],
  times: ConnectionTimes = connectionTimes,
): ApiServer {
  const commonHeaders = securityHeaders(config.publicUrl);
  const addCommonHeaders = (request: FastifyRequest, reply: FastifyReply): void => {
    reply.headers(commonHeaders).header('request-id', request.id);
  };
  const api = Fastify({
    loggerInstance: services.log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: requestIds(),
    bodyLimit: config.maxBodyBytes,
    trustProxy: config.trustedProxies.length === 0 ? false : [...config.trustedProxies],
    connectionTimeout: times.idleMs,
    // An import may take as long as it needs; other bodies have a time of their own.
    requestTimeout: 0,
    http: {
      headersTimeout: times.headersMs,
      connectionsCheckingInterval: times.checkEveryMs,
      maxHeaderSize: config.maxHeaderBytes,
    },
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

  limitConnections(api, config.maxClientConnections, services.log);
  const routes = new RouteIndex();
  const directory = new WorkspaceDirectory(services.workspaces, services.clock);
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
  limitBodyTime(api, times.bodyMs);
  api.addHook('onRequest', authenticator.hook);
  limitBodyMemory(api, config.bodyMemoryBytes);
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
    scope.addHook('onRequest', refuseEncodedBodies);
    const typed = scope.withTypeProvider<TypeBoxTypeProvider>();
    for (const addRoutes of routeModules) addRoutes(typed, services, config);
  });
  for (const plugin of plugins) {
    api.register(async (scope) => plugin(scope.withTypeProvider<TypeBoxTypeProvider>()));
  }
  return api;
}

/** Each connection takes a file and memory: beyond so many, further clients are turned away, and it is logged. */
function limitConnections(api: Pick<FastifyInstance, 'server'>, most: number, log: Logger): void {
  let loggedAt = Number.NEGATIVE_INFINITY;
  api.server.maxConnections = most;
  api.server.on('drop', () => {
    const now = performance.now();
    if (now - loggedAt < turnedAwayPauseMs) return;
    loggedAt = now;
    log.warn(
      { most },
      'there are too many connections of clients: more are turned away (ROWHOOK_MAX_CLIENT_CONNECTIONS)',
    );
  });
}

/** Ids that tell requests apart across processes and restarts, at the price of a counter. */
function requestIds(): () => string {
  const process = randomCharacters(8);
  let count = 0;
  return () => `req_${process}${(++count).toString(36).padStart(6, '0')}`;
}
