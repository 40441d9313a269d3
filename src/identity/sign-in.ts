import type { AuditAuthor, AuditNote } from '../model/audit.ts';
import type { Clock } from '../model/clock.ts';
import type { Person } from '../model/person.ts';
import { Problem } from '../model/problem.ts';
import { hashSecretToken } from '../model/secret-token.ts';
import type { ApiToken } from '../model/workspace.ts';
import type { AuditStore } from '../store/port.ts';
import type { ApiTokens } from './api-tokens.ts';
import { AttemptLimit, addressKey } from './attempt-limit.ts';
import type { People } from './people.ts';
import type { OpenedSession, Sessions, Whereabouts } from './sessions.ts';

/** A request to sign in: from where, and what the audit log tells of it. */
export interface SignInRequest extends Whereabouts {
  readonly requestId: string;
}

export interface SignInOptions {
  readonly clock: Clock;
  readonly audit: Pick<AuditStore, 'append'>;
  readonly people: People;
  readonly sessions: Sessions;
  readonly tokens: ApiTokens;
  readonly failuresPerAccount: number;
  readonly failuresPerAddress: number;
}

/** Opens sessions of the console for those who prove who they are. */
export class SignIn {
  readonly #options: SignInOptions;
  readonly #byAccount: AttemptLimit;
  readonly #byAddress: AttemptLimit;

  constructor(options: SignInOptions) {
    this.#options = options;
    this.#byAccount = new AttemptLimit(options.clock, options.failuresPerAccount);
    this.#byAddress = new AttemptLimit(options.clock, options.failuresPerAddress);
  }

  /** Throws a Problem that does not tell whether it was the address or the password. */
  async withPassword(email: string, password: string, request: SignInRequest): Promise<OpenedSession> {
    const { people } = this.#options;
    const address = addressKey(request.address);
    const account = email.normalize('NFC').trim().toLowerCase();
    this.#byAddress.begin(address);
    try {
      this.#byAccount.begin(account);
    } catch (error) {
      if (this.#byAccount.isFirstRefusal(account)) {
        await this.#tellFailure(await findPerson(people, email), 'sign-in.blocked', request);
      }
      throw error;
    }
    const person = await findPerson(people, email);
    if (!(await people.hasPassword(person, password)) || person?.state !== 'active') {
      await this.#tellFailure(person, 'sign-in.failed', request);
      throw new Problem('unauthenticated', 'The e-mail address or the password is wrong.');
    }
    this.#byAddress.undo(address);
    this.#byAccount.forget(account);
    return this.ofPerson(person, 'password', request);
  }

  /** Opens a session of whoever has an API token, such as the one that the first start printed. */
  async withToken(secret: string, request: SignInRequest): Promise<OpenedSession> {
    const { tokens, sessions } = this.#options;
    const address = addressKey(request.address);
    this.#byAddress.begin(address);
    const token = await tokens.find(secret);
    this.#byAddress.undo(address);
    const holder = { kind: 'token', tokenHash: hashSecretToken(secret) } as const;
    const opened = await sessions.open(holder, request, token.expiresAtMs ?? undefined);
    await this.#tell(authorOfToken(token, request), {
      action: 'sign-in.succeeded',
      workspaceNumber: null,
      target: { kind: 'token', id: token.id, name: token.name },
      changes: [{ field: 'method', before: null, after: 'token' }],
    });
    return opened;
  }

  /**
   * Runs `work`, in which a person proves once more who they are: should it fail, that counts like a sign-in
   * that failed.
   */
  async guarded<Result>(email: string, address: string, work: () => Promise<Result>): Promise<Result> {
    this.#byAddress.begin(addressKey(address));
    this.#byAccount.begin(email);
    const result = await work();
    this.#byAddress.undo(addressKey(address));
    this.#byAccount.forget(email);
    return result;
  }

  /** Opens a session of a person who has proven who they are by `method`. */
  async ofPerson(person: Person, method: string, request: SignInRequest): Promise<OpenedSession> {
    const { people, sessions } = this.#options;
    const opened = await sessions.open({ kind: 'person', personNumber: person.number }, request);
    await people.noteSignIn(person);
    await this.#tell(authorOfPerson(person, request), {
      action: 'sign-in.succeeded',
      workspaceNumber: null,
      target: { kind: 'person', id: person.id, name: person.email },
      changes: [{ field: 'method', before: null, after: method }],
    });
    return opened;
  }

  /** Of accounts that do not exist nothing is told: their names are a stranger's to choose. */
  async #tellFailure(
    person: Person | null,
    action: 'sign-in.failed' | 'sign-in.blocked',
    request: SignInRequest,
  ): Promise<void> {
    if (!person) return;
    await this.#tell(stranger(request), {
      action,
      workspaceNumber: null,
      target: { kind: 'person', id: person.id, name: person.email },
      changes: [],
    });
  }

  #tell(author: AuditAuthor, note: AuditNote): Promise<void> {
    return this.#options.audit.append(author, note);
  }
}

/** Null also for what is no e-mail address. */
async function findPerson(people: People, email: string): Promise<Person | null> {
  try {
    return await people.findByEmail(email);
  } catch (error) {
    if (error instanceof Problem) return null;
    throw error;
  }
}

function stranger({ requestId, address }: SignInRequest): AuditAuthor {
  return { kind: 'stranger', id: null, name: 'someone', onBehalfOf: null, requestId, address };
}

function authorOfPerson({ id, email }: Person, { requestId, address }: SignInRequest): AuditAuthor {
  return { kind: 'person', id, name: email, onBehalfOf: null, requestId, address };
}

function authorOfToken({ id, name }: ApiToken, { requestId, address }: SignInRequest): AuditAuthor {
  return { kind: 'token', id, name, onBehalfOf: null, requestId, address };
}
