import { Type } from 'typebox';
import { rememberedChangeSets } from '../../store/port.ts';
import { callerOf } from '../auth.ts';
import { closedObject, nullableText, timestamp } from '../schemas.ts';
import type { RouteModule } from '../server.ts';
import { tableAddress, tableParams } from '../table-answers.ts';
import { showTime } from '../times.ts';

const changeSetSchema = Type.Object(
  {
    id: Type.String({ description: 'As `changeSet` in the data of its events.' }),
    rows: Type.Integer({ description: 'Rows that it changed.' }),
    changedAt: timestamp('When it was made.'),
    undoes: nullableText('The change set that it undid, if it is an undo.'),
    undoneBy: nullableText('The change set that undid it; null while it is in force.'),
  },
  { title: 'ChangeSet' },
);

/** The last changes of a table, and undoing them. */
export const undoRoutes: RouteModule = (api, { bases: { undo } }) => {
  api.get(
    '/v1/bases/:base/tables/:table/change-sets',
    {
      config: { access: 'viewer' },
      schema: {
        tags: ['Rows'],
        operationId: 'listChangeSets',
        summary: 'List the last changes of a table, the newest first',
        description:
          `The last ${rememberedChangeSets}. A call that changes rows is one; an import is one for each of its ` +
          'transactions, or none if it made no events.',
        params: closedObject(tableParams),
        response: { 200: Type.Object({ data: Type.Array(changeSetSchema) }) },
      },
    },
    async (request) => {
      const changeSets = await undo.list(tableAddress(callerOf(request), request.params));
      return {
        data: changeSets.map(({ id, firstSeq, lastSeq, changedAtMs, undoes, undoneBy }) => ({
          id,
          rows: lastSeq - firstSeq + 1,
          changedAt: showTime(changedAtMs),
          undoes,
          undoneBy,
        })),
      };
    },
  );

  api.post(
    '/v1/bases/:base/tables/:table/undo',
    {
      config: { access: 'editor' },
      schema: {
        tags: ['Rows'],
        operationId: 'undo',
        summary: 'Undo a change of rows',
        description:
          'The last one that is neither undone nor itself an undo, so that one call after the other goes back; or ' +
          `the one named, of the last ${rememberedChangeSets}. All of its rows, or none: a conflict when one of ` +
          'them has changed since. It is itself a change, with events; naming it undoes the undo. A deleted row ' +
          'comes back under its id and number. The body may be left out.',
        params: closedObject(tableParams),
        body: closedObject({
          changeSet: Type.Optional(
            Type.String({ description: 'Id of the change set. Default: the last one.' }),
          ),
        }),
        response: {
          200: Type.Object({
            changeSet: Type.String({ description: 'The change set that the undo is.' }),
            undoes: Type.String({ description: 'The change set that was undone.' }),
            rows: Type.Integer({ description: 'Rows that changed.' }),
          }),
        },
      },
      preValidation: (request, _reply, done) => {
        // Nothing to say needs no body.
        request.body ??= {};
        done();
      },
    },
    async (request) => {
      const caller = callerOf(request);
      const address = tableAddress(caller, request.params);
      return undo.undo(address, request.body.changeSet ?? null, caller.actor);
    },
  );
};
