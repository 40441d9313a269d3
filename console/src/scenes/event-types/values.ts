import type { EventType, Input } from '../../api/types.ts';
import { readObject } from '../../shared/json-text.ts';

/** An event type as it is edited; schema and example are texts. */
export interface TypeValues {
  name: string;
  description: string;
  groups: string[];
  schema: string;
  example: string;
  enforcement: EventType['enforcement'];
  deprecated: boolean;
  deprecationNote: string;
  archived: boolean;
}

export const emptyType: TypeValues = {
  name: '',
  description: '',
  groups: [],
  schema: '',
  example: '',
  enforcement: null,
  deprecated: false,
  deprecationNote: '',
  archived: false,
};

const printed = (value: unknown): string => (value === null ? '' : JSON.stringify(value, null, 2));

export function typeValues({ groups, schema, example, ...type }: EventType): TypeValues {
  const { name, description, enforcement, deprecated, deprecationNote, archived } = type;
  return {
    ...{ name, description, enforcement, deprecated, deprecationNote, archived },
    groups: [...groups],
    schema: printed(schema),
    example: printed(example),
  };
}

/** As the API takes it. That schema and example are objects has been checked before. */
export function definitionOf({ name: _, schema, example, ...values }: TypeValues): Input<'putEventType'> {
  const read = (text: string): Record<string, unknown> | null => {
    const found = readObject(text);
    return found.ok ? found.data : null;
  };
  return { ...values, schema: read(schema) as never, example: read(example) as never };
}
