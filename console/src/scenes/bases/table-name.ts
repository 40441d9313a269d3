import { useQuery } from '@tanstack/react-query';
import { basesQuery, tablesQuery } from '../../api/queries/bases.ts';

/** The name of a base or of one of its tables; null: neither is meant. Until they are known, their ids. */
export function useTableName(baseId: string | null, tableId: string | null): string | null {
  const { data: bases } = useQuery({ ...basesQuery, enabled: baseId !== null });
  const { data: tables } = useQuery({
    ...tablesQuery(baseId ?? ''),
    enabled: baseId !== null && tableId !== null,
  });
  if (baseId === null) return null;
  const base = bases?.find(({ id }) => id === baseId)?.name ?? baseId;
  if (tableId === null) return base;
  return `${base} / ${tables?.find(({ id }) => id === tableId)?.name ?? tableId}`;
}
