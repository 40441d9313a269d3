import type { ASTNode } from '@marcbachmann/cel-js';
import { allowedFunctions, guards, listMacros } from './filter-language.ts';
import { filterLimits } from './filter-limits.ts';

/** A part of an expression that is not allowed: what is wrong, and where it begins. */
export class Refusal extends Error {
  readonly position: number;

  constructor(message: string, position: number) {
    super(message);
    this.position = position;
  }
}

/** Steps of a function that reckons with time zones. */
const timeZoneSteps = 500;

/**
 * Prints a checked expression again with guards around whatever could take long: the item expression of a
 * macro, the lists it goes through, what functions and operators are given. Throws a Refusal for what is not
 * part of filter expressions.
 */
export function guarded(node: ASTNode): string {
  return print(node, false);
}

/** `inLoop`: the node is evaluated for each item of a list. */
function print(node: ASTNode, inLoop: boolean): string {
  const inner = (child: ASTNode): string => print(child, inLoop);
  const used = (child: ASTNode): string => `${guards.use}(${inner(child)})`;
  switch (node.op) {
    case 'value':
      return printConstant(node.args, node.start);
    case 'id':
      return node.args;
    case '.':
      return `${inner(node.args[0])}.${node.args[1]}`;
    case '[]':
      return `${inner(node.args[0])}[${inner(node.args[1])}]`;
    case 'list':
      return `[${node.args.map(inner).join(', ')}]`;
    case '?:':
      return `(${inner(node.args[0])} ? ${inner(node.args[1])} : ${inner(node.args[2])})`;
    case '!_':
      return `(!${inner(node.args)})`;
    case '-_':
      return `(-${inner(node.args)})`;
    case '+':
      // What is put together is gone through now and may be put together again.
      return `${guards.use}(${inner(node.args[0])} + ${inner(node.args[1])})`;
    case '==':
    case '!=':
    case 'in':
      return inLoop
        ? `(${used(node.args[0])} ${node.op} ${used(node.args[1])})`
        : `(${inner(node.args[0])} ${node.op} ${inner(node.args[1])})`;
    case '&&':
    case '||':
    case '<':
    case '<=':
    case '>':
    case '>=':
    case '-':
    case '*':
    case '/':
    case '%':
      return `(${inner(node.args[0])} ${node.op} ${inner(node.args[1])})`;
    case 'call':
      return printCall(node.args[0], null, node.args[1], node.start, inLoop);
    case 'rcall':
      return printCall(node.args[0], node.args[1], node.args[2], node.start, inLoop);
    default:
      throw new Refusal(`${describe(node.op)} is not part of filter expressions`, node.start);
  }
}

function printCall(
  name: string,
  receiver: ASTNode | null,
  given: readonly ASTNode[],
  position: number,
  inLoop: boolean,
): string {
  if (!allowedFunctions.has(name)) {
    throw new Refusal(
      `${name} is not a function of filter expressions; there are ${[...allowedFunctions].join(', ')}`,
      position,
    );
  }
  if (name === 'has') return `has(${given.map((argument) => print(argument, inLoop)).join(', ')})`;
  const [variable, item] = given;
  if (receiver !== null && variable !== undefined && item !== undefined && listMacros.has(name)) {
    const list = `${guards.list}(${print(receiver, inLoop)})`;
    const step = `${guards.step}(${filterLimits.stepsPerItem + stepsOf(item)}) ? ${print(item, true)} : false`;
    return `${list}.${name}(${print(variable, inLoop)}, ${step})`;
  }
  const argumentsOf = given.map((argument) => {
    const printed = `${guards.use}(${print(argument, inLoop)})`;
    return name === 'contains' ? `${guards.search}(${printed})` : printed;
  });
  const target = receiver === null ? '' : `${guards.use}(${print(receiver, inLoop)}).`;
  return `${target}${name}(${argumentsOf.join(', ')})`;
}

/** Nodes that are evaluated for one item. */
function stepsOf(node: ASTNode): number {
  const reckonsWithZone = node.op === 'rcall' && node.args[0].startsWith('get') && node.args[2].length > 0;
  return childrenOf(node).reduce(
    (steps, child) => steps + stepsOf(child),
    reckonsWithZone ? timeZoneSteps : 1,
  );
}

/** The expressions a node is made of. */
export function childrenOf(node: ASTNode): readonly ASTNode[] {
  switch (node.op) {
    case 'value':
    case 'id':
      return [];
    case '.':
    case '.?':
      return [node.args[0]];
    case '!_':
    case '-_':
      return [node.args];
    case 'call':
      return node.args[1];
    case 'rcall':
      return [node.args[1], ...node.args[2]];
    case 'map':
      return node.args.flat();
    default:
      return node.args;
  }
}

function printConstant(value: unknown, position: number): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'bigint':
      return `(${value})`;
    case 'number':
      // A double stays one: 60.0 must not come back as the int 60.
      return Number.isInteger(value) && !String(value).includes('e') ? `(${value}.0)` : `(${value})`;
    case 'boolean':
      return String(value);
    default:
      if (value === null) return 'null';
      throw new Refusal('bytes and unsigned numbers are not part of filter expressions', position);
  }
}

function describe(op: string): string {
  return op === 'map' ? 'a map in braces' : `the operator ${op}`;
}
