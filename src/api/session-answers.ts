import { Type } from 'typebox';
import type { Person } from '../model/person.ts';
import { roles, workspaceRoles } from '../model/role.ts';
import type { Session } from '../model/session.ts';
import { roleOfToken } from '../model/workspace.ts';
import type { Principal } from './caller.ts';
import { nullableText, nullableTimestamp, oneOf, timestamp } from './schemas.ts';
import { showMaybeTime, showTime } from './times.ts';
import type { WorkspaceDirectory } from './workspace-directory.ts';

/** Which workspace, and what someone may do there. */
export const membershipSchema = Type.Object(
  {
    workspace: Type.Object({
      id: Type.String({ description: 'For the header Rowhook-Workspace.' }),
      name: Type.String(),
    }),
    role: oneOf(workspaceRoles, 'What they may do there.'),
  },
  { title: 'Membership' },
);

export const meSchema = Type.Object(
  {
    kind: oneOf(['person', 'token'], '`token`: signed in with an API token, or calling with it.'),
    id: Type.String({ description: 'Of the person or the token.' }),
    name: Type.String(),
    email: nullableText('Of a person.'),
    operator: Type.Boolean({ description: 'May do everything, in every workspace.' }),
    hasPassword: Type.Boolean({ description: 'Whether there is a password to change.' }),
    memberships: Type.Array(membershipSchema, {
      description: 'Workspaces in which they may act. Operators act in every one, listed or not.',
    }),
    session: Type.Unsafe<{ id: string; createdAt: string; expiresAt: string } | null>({
      anyOf: [
        {
          type: 'object',
          properties: {
            id: { type: 'string' },
            createdAt: { type: 'string', format: 'date-time' },
            expiresAt: { type: 'string', format: 'date-time' },
          },
          required: ['id', 'createdAt', 'expiresAt'],
        },
        { type: 'null' },
      ],
      description: 'The session of the console that calls; null: a token calls.',
    }),
  },
  { title: 'Me' },
);

export async function showMe(principal: Principal, directory: WorkspaceDirectory) {
  const { session } = principal;
  const common = {
    session: session && {
      id: session.id,
      createdAt: showTime(session.createdAtMs),
      expiresAt: showTime(session.expiresAtMs),
    },
  };
  switch (principal.kind) {
    case 'person': {
      const { id, name, email, operator, hasPassword } = principal.person;
      const memberships = await showMemberships(principal.person, directory);
      return { kind: 'person' as const, id, name, email, operator, hasPassword, memberships, ...common };
    }
    case 'token': {
      const { id, name, scope } = principal.token;
      const place = scope.kind === 'workspace' ? await directory.find(scope.workspaceNumber) : null;
      const memberships =
        scope.kind === 'workspace' && place
          ? [{ workspace: { id: place.id, name: place.name }, role: scope.role }]
          : [];
      const operator = roleOfToken(principal.token) === 'operator';
      return {
        kind: 'token' as const,
        id,
        name,
        email: null,
        operator,
        hasPassword: false,
        memberships,
        ...common,
      };
    }
    case 'portal':
      throw new Error('the portal has no account to show');
  }
}

export const sessionSchema = Type.Object(
  {
    id: Type.String(),
    current: Type.Boolean({ description: 'Whether it is the one that asks.' }),
    address: Type.String({ description: 'From where it was opened.' }),
    userAgent: Type.String({ description: 'With which browser, as it calls itself.' }),
    createdAt: timestamp('When it was opened.'),
    lastUsedAt: timestamp('When it was last used, within two minutes.'),
    expiresAt: timestamp('When it ends at the latest.'),
  },
  { title: 'Session' },
);

export function showSession(session: Session, current: Session | null) {
  return {
    id: session.id,
    current: session.id === current?.id,
    address: session.address,
    userAgent: session.userAgent,
    createdAt: showTime(session.createdAtMs),
    lastUsedAt: showTime(session.lastUsedAtMs),
    expiresAt: showTime(session.expiresAtMs),
  };
}

export const personSchema = Type.Object(
  {
    id: Type.String(),
    email: Type.String(),
    name: Type.String(),
    operator: Type.Boolean({ description: 'May do everything, in every workspace.' }),
    state: oneOf(['active', 'suspended'], '`suspended`: cannot sign in.'),
    memberships: Type.Array(membershipSchema),
    hasPassword: Type.Boolean({
      description: 'False: invited, or signs in through the OpenID provider only.',
    }),
    createdAt: timestamp('When the account was made.'),
    createdBy: Type.String({ description: 'By whom.' }),
    lastSignInAt: nullableTimestamp('When they last signed in.'),
  },
  { title: 'Person' },
);

export async function showPerson(person: Person, directory: WorkspaceDirectory) {
  return {
    id: person.id,
    email: person.email,
    name: person.name,
    operator: person.operator,
    state: person.state,
    memberships: await showMemberships(person, directory),
    hasPassword: person.hasPassword,
    createdAt: showTime(person.createdAtMs),
    createdBy: person.createdBy,
    lastSignInAt: showMaybeTime(person.lastSignInAtMs),
  };
}

async function showMemberships({ memberships }: Person, directory: WorkspaceDirectory) {
  const shown = [];
  for (const { workspaceNumber, role } of memberships) {
    const workspace = await directory.find(workspaceNumber);
    if (workspace) shown.push({ workspace: { id: workspace.id, name: workspace.name }, role });
  }
  return shown;
}

export const memberSchema = Type.Object(
  {
    id: Type.String({ description: 'Of the person.' }),
    email: Type.String(),
    name: Type.String(),
    role: oneOf(roles, 'What they may do here; `operator`: an operator, who may do everything everywhere.'),
    state: oneOf(['active', 'suspended'], '`suspended`: cannot sign in.'),
    hasPassword: Type.Boolean({
      description: 'False: invited, or signs in through the OpenID provider only.',
    }),
    lastSignInAt: nullableTimestamp('When they last signed in.'),
  },
  { title: 'Member' },
);

export function showMember(person: Person, workspaceNumber: number) {
  const membership = person.memberships.find((one) => one.workspaceNumber === workspaceNumber);
  return {
    id: person.id,
    email: person.email,
    name: person.name,
    role: person.operator ? ('operator' as const) : (membership?.role ?? ('viewer' as const)),
    state: person.state,
    hasPassword: person.hasPassword,
    lastSignInAt: showMaybeTime(person.lastSignInAtMs),
  };
}

export const passwordLinkSchema = Type.Object(
  {
    purpose: oneOf(['invitation', 'reset'], '`invitation`: the first password. `reset`: another one.'),
    url: Type.String({
      description: 'To be handed to the person: who has it sets the password, once. Never shown again.',
    }),
    expiresAt: timestamp('Until when it can be used.'),
  },
  { title: 'PasswordLink' },
);
