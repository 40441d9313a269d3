import { Button, Group, Stack } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { ListFilter } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useFormat } from '../i18n/index.tsx';

interface FilterBarProps {
  readonly label: string;
  /** How many filters are set. */
  readonly active: number;
  readonly children: ReactNode;
}

/** The filters of a list: side by side, or behind a button where the screen is narrow. */
export function FilterBar({ label, active, children }: FilterBarProps) {
  const format = useFormat();
  const isNarrow = useMediaQuery('(max-width: 48em)');
  const [isOpen, setOpen] = useState(false);
  const fields = (
    <Group gap="xs" align="flex-end">
      {children}
    </Group>
  );
  return (
    <search aria-label={label}>
      {isNarrow ? (
        <Stack gap="xs">
          <Button
            size="xs"
            variant="default"
            w="fit-content"
            aria-expanded={isOpen}
            leftSection={<ListFilter size={14} aria-hidden />}
            onClick={() => setOpen(!isOpen)}
          >
            {active === 0 ? label : `${label} (${format.number(active)})`}
          </Button>
          {isOpen && fields}
        </Stack>
      ) : (
        fields
      )}
    </search>
  );
}
