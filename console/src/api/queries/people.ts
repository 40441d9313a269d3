import { queryOptions } from '@tanstack/react-query';
import { answerOf, api } from '../client.ts';
import type { Input } from '../types.ts';

const limit = 1_000;

/** Who may act in the workspace. */
export const membersQuery = queryOptions({
  queryKey: ['members'],
  queryFn: async ({ signal }) =>
    (await answerOf(api.GET('/v1/members', { params: { query: { limit } }, signal }))).data,
});

export const addMember = (body: Input<'addMember'>) => answerOf(api.POST('/v1/members', { body }));

const member = (id: string) => ({ params: { path: { id } } });

export const changeMember = (id: string, body: Input<'changeMember'>) =>
  answerOf(api.PATCH('/v1/members/{id}', { ...member(id), body }));
export const removeMember = (id: string) => answerOf(api.DELETE('/v1/members/{id}', member(id)));
export const inviteMemberAgain = (id: string) =>
  answerOf(api.POST('/v1/members/{id}/password-link', member(id)));

/** Everybody who signs in; for operators. */
export const peopleQuery = queryOptions({
  queryKey: ['people'],
  queryFn: async ({ signal }) =>
    (await answerOf(api.GET('/v1/people', { params: { query: { limit } }, signal }))).data,
});

export const createPerson = (body: Input<'createPerson'>) => answerOf(api.POST('/v1/people', { body }));
export const changePerson = (id: string, body: Input<'changePerson'>) =>
  answerOf(api.PATCH('/v1/people/{id}', { ...member(id), body }));
export const deletePerson = (id: string) => answerOf(api.DELETE('/v1/people/{id}', member(id)));
export const createPasswordLink = (id: string) =>
  answerOf(api.POST('/v1/people/{id}/password-link', member(id)));
export const signPersonOut = (id: string) => answerOf(api.DELETE('/v1/people/{id}/sessions', member(id)));
export const setMembership = (id: string, workspace: string, role: Input<'setMembership'>['role']) =>
  answerOf(
    api.PUT('/v1/people/{id}/memberships/{workspace}', {
      params: { path: { id, workspace } },
      body: { role },
    }),
  );
export const endMembership = (id: string, workspace: string) =>
  answerOf(api.DELETE('/v1/people/{id}/memberships/{workspace}', { params: { path: { id, workspace } } }));
