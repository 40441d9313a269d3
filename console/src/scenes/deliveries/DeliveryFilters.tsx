import { Button, NumberInput, Select, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useState } from 'react';
import type { DeliveryFilter } from '../../api/queries/deliveries.ts';
import type { Webhook } from '../../api/types.ts';
import { deliverySearch, deliveryStates } from '../../filters.ts';
import { useMessages } from '../../i18n/index.tsx';
import { FilterBar } from '../../shared/FilterBar.tsx';
import { PeriodFilter } from '../../shared/PeriodFilter.tsx';

/** The address changes once typing has paused for so long. */
const typingPauseMs = 350;

interface DeliveryFiltersProps {
  readonly filter: DeliveryFilter;
  readonly webhooks: readonly Webhook[];
  readonly onChange: (filter: DeliveryFilter) => void;
}

/** The filters of the list of deliveries, which are kept in the address. */
export function DeliveryFilters({ filter, webhooks, onChange }: DeliveryFiltersProps) {
  const { deliveries, common } = useMessages();
  const text = deliveries.filters;
  const [eventType, setEventType] = useState(filter.eventType ?? '');
  const [status, setStatus] = useState<string | number>(filter.httpStatus ?? '');
  const change = (part: Partial<Record<keyof DeliveryFilter, unknown>>): void =>
    onChange(deliverySearch({ ...filter, ...part }));
  const changeSoon = useDebouncedCallback(change, typingPauseMs);

  return (
    <FilterBar label={text.label} active={Object.keys(filter).length}>
      <Select
        size="xs"
        label={text.webhook}
        placeholder={common.any}
        clearable
        searchable
        w={180}
        value={filter.webhook ?? null}
        onChange={(webhook) => change({ webhook: webhook ?? undefined })}
        data={webhooks.map(({ id, name }) => ({ value: id, label: name }))}
      />
      <Select
        size="xs"
        label={text.state}
        placeholder={common.any}
        clearable
        w={140}
        value={filter.state ?? null}
        onChange={(state) => change({ state: state ?? undefined })}
        data={deliveryStates.map((value) => ({ value, label: deliveries.states[value] }))}
      />
      <TextInput
        size="xs"
        label={text.eventType}
        placeholder="row.updated"
        w={150}
        value={eventType}
        onChange={(event) => {
          setEventType(event.currentTarget.value);
          changeSoon({ eventType: event.currentTarget.value.trim() });
        }}
      />
      <NumberInput
        size="xs"
        label={text.status}
        placeholder="500"
        w={100}
        hideControls
        min={100}
        max={999}
        value={status}
        onChange={(value) => {
          setStatus(value);
          changeSoon({ httpStatus: value === '' ? undefined : value });
        }}
      />
      <PeriodFilter since={filter.since} until={filter.until} onChange={change} />
      {Object.keys(filter).length > 0 && (
        <Button
          size="xs"
          variant="subtle"
          onClick={() => {
            setEventType('');
            setStatus('');
            onChange({});
          }}
        >
          {common.clearFilters}
        </Button>
      )}
    </FilterBar>
  );
}
