import { Environment } from '@marcbachmann/cel-js';
import { filterVariables } from './filter-context.ts';
import { filterLimits } from './filter-limits.ts';
import { Meter } from './filter-meter.ts';

/** Functions that an expression may call, by name; the rest of the language could run for long or is of no use. */
export const allowedFunctions: ReadonlySet<string> = new Set([
  'size',
  'has',
  'all',
  'exists',
  'exists_one',
  'filter',
  'contains',
  'startsWith',
  'endsWith',
  'lowerAscii',
  'upperAscii',
  'trim',
  'string',
  'int',
  'double',
  'bool',
  'timestamp',
  'duration',
  'getFullYear',
  'getMonth',
  'getDate',
  'getDayOfWeek',
  'getDayOfYear',
  'getHours',
  'getMinutes',
  'getSeconds',
]);

/** Functions that go through a list and evaluate an expression for each item. */
export const listMacros: ReadonlySet<string> = new Set(['all', 'exists', 'exists_one', 'filter']);

/** Functions that the guarded expression calls; their names cannot be used in an expression. */
export const guards = {
  step: 'rowhook_step',
  use: 'rowhook_use',
  search: 'rowhook_search',
  list: 'rowhook_list',
} as const;

export const meter = new Meter();

/** The language of expressions as people write them: CEL over the variables of an event. */
export const language: Environment = newLanguage();

/** The same with the guards, for expressions that have been checked and grow by being guarded. */
export const guardedLanguage: Environment = language
  .clone({
    limits: {
      maxAstNodes: filterLimits.sourceNodes * 10,
      maxDepth: filterLimits.nestingDepth * 10,
      maxListElements: filterLimits.sourceNodes,
    },
  })
  .registerFunction(`${guards.step}(int): bool`, (steps: bigint) => meter.spend(Number(steps)), {
    async: false,
  })
  .registerFunction(`${guards.use}(dyn): dyn`, (value: unknown) => meter.use(value), { async: false })
  .registerFunction(`${guards.search}(dyn): dyn`, (value: unknown) => meter.search(value), { async: false })
  .registerFunction(`${guards.list}(dyn): list<dyn>`, (value: unknown) => meter.list(value), {
    async: false,
  });

function newLanguage(): Environment {
  const environment = new Environment({
    homogeneousAggregateLiterals: false,
    limits: {
      maxAstNodes: filterLimits.sourceNodes,
      maxDepth: filterLimits.nestingDepth,
      maxListElements: filterLimits.sourceNodes,
    },
  });
  for (const [name, type] of Object.entries(filterVariables)) {
    if (typeof type === 'string') environment.registerVariable(name, type);
    else environment.registerVariable({ name, schema: type });
  }
  mixNumbers(environment);
  compareEmptyCells(environment);
  return environment;
}

/** A number in JSON is a double, a whole number in an expression an int: let them be calculated with. */
function mixNumbers(environment: Environment): void {
  const operations: Readonly<Record<string, (left: number, right: number) => number>> = {
    '+': (left, right) => left + right,
    '-': (left, right) => left - right,
    '*': (left, right) => left * right,
    '/': (left, right) => left / right,
    '%': (left, right) => left % right,
  };
  for (const [operator, calculate] of Object.entries(operations)) {
    const handler = (left: number | bigint, right: number | bigint): number =>
      calculate(Number(left), Number(right));
    environment.registerOperator(`double ${operator} int: double`, handler);
    environment.registerOperator(`int ${operator} double: double`, handler);
  }
  environment.registerOperator(
    'double == int: bool',
    (left: number, right: bigint) => left === Number(right),
  );
  environment.registerOperator('double % double: double', (left: number, right: number) => left % right);
}

/** An empty cell is null: neither less nor greater than anything, without text and without items. */
function compareEmptyCells(environment: Environment): void {
  const never = (): boolean => false;
  for (const operator of ['<', '<=', '>', '>=']) {
    environment.registerOperator(`null ${operator} null: bool`, never);
    for (const type of ['int', 'double', 'string', 'bool', 'google.protobuf.Timestamp']) {
      environment.registerOperator(`null ${operator} ${type}: bool`, never);
      environment.registerOperator(`${type} ${operator} null: bool`, never);
    }
  }
  for (const type of ['int', 'double', 'string', 'bool', 'null']) {
    environment.registerOperator(`${type} in null: bool`, never);
  }
  for (const name of ['contains', 'startsWith', 'endsWith']) {
    environment.registerFunction(`null.${name}(string): bool`, never, { async: false });
  }
  environment.registerFunction('size(null): int', () => 0n, { async: false });
}
