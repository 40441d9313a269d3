import { invalidField } from '../model/problem.ts';
import { limits } from './limits.ts';

/** What an inbox does with a request. */
export type Behaviour =
  | { readonly kind: 'answer'; readonly status: number; readonly body: string; readonly delayMs: number }
  | { readonly kind: 'never-answer' }
  | { readonly kind: 'reset-connection'; readonly delayMs: number };

export const behaviourKinds = ['answer', 'never-answer', 'reset-connection'] as const;

/** A behaviour, and for how many more requests it holds; null: until it is changed. */
export interface CurrentBehaviour {
  readonly behaviour: Behaviour;
  readonly remainingRequests: number | null;
}

/** What an inbox does unless told otherwise: it takes everything, at once. */
export const friendly: Behaviour = { kind: 'answer', status: 200, body: 'ok', delayMs: 0 };

/** A behaviour as a person sends it; its numbers are within bounds already. */
export interface BehaviourInput {
  readonly kind?: Behaviour['kind'];
  readonly status?: number;
  readonly body?: string;
  readonly delayMs?: number;
  readonly forNextRequests?: number | null;
}

/** Fills in what was left out, and refuses members that the kind does not have. */
export function readBehaviour(input: BehaviourInput): CurrentBehaviour {
  const { kind = 'answer', status, body, delayMs = 0, forNextRequests = null } = input;
  const refuse = (name: string): never => {
    throw invalidField(`/${name}`, `does not belong to the kind "${kind}"; leave it out`);
  };
  if (kind !== 'answer' && status !== undefined) refuse('status');
  if (kind !== 'answer' && body !== undefined) refuse('body');
  if (kind === 'never-answer' && input.delayMs !== undefined) refuse('delayMs');
  if (body !== undefined && Buffer.byteLength(body) > limits.answerBodyBytes) {
    throw invalidField('/body', `must have at most ${limits.answerBodyBytes} bytes`);
  }
  return { behaviour: behaviourOf(kind, status ?? 200, body, delayMs), remainingRequests: forNextRequests };
}

function behaviourOf(
  kind: Behaviour['kind'],
  status: number,
  body: string | undefined,
  delayMs: number,
): Behaviour {
  switch (kind) {
    case 'answer':
      return { kind, status, body: body ?? (status < 300 ? 'ok' : ''), delayMs };
    case 'never-answer':
      return { kind };
    case 'reset-connection':
      return { kind, delayMs };
  }
}
