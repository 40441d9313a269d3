import type { Config } from '../config/index.ts';
import type { ApiServer } from './plugin.ts';
import type { Services } from './services.ts';

export type { ApiServer } from './plugin.ts';

/** One file of routes: registers them on `api`. Handlers throw a `Problem` for every expected failure. */
export type RouteModule = (api: ApiServer, services: Services, config: Config) => void;
