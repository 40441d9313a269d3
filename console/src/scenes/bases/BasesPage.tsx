import { Button, Card, SimpleGrid, Stack, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Plus, Table2 } from 'lucide-react';
import { useState } from 'react';
import { useLiveQuery } from '../../api/live.ts';
import { basesQuery, createBase } from '../../api/queries/bases.ts';
import { useMay } from '../../api/session.ts';
import { useFormat, useMessages } from '../../i18n/index.tsx';
import classes from '../../shared/card-link.module.css';
import { EmptyState } from '../../shared/EmptyState.tsx';
import { LinkTo } from '../../shared/LinkTo.tsx';
import { Loaded } from '../../shared/Loaded.tsx';
import { Page } from '../../shared/Page.tsx';
import { useNowMs } from '../../shared/Time.tsx';
import { NameDialog } from './NameDialog.tsx';

export function BasesPage() {
  const { bases: text } = useMessages();
  const format = useFormat();
  const now = useNowMs();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [creating, setCreating] = useState(false);
  const query = useLiveQuery(basesQuery);
  const create = async (name: string): Promise<void> => {
    const { id } = await createBase(name);
    await client.invalidateQueries({ queryKey: basesQuery.queryKey, exact: true });
    await navigate({ to: '/bases/$base', params: { base: id } });
  };
  const mayEdit = useMay('editor');
  const button = mayEdit && (
    <Button leftSection={<Plus size={16} aria-hidden />} onClick={() => setCreating(true)}>
      {text.create}
    </Button>
  );
  return (
    <Page title={text.title} actions={query.data?.length === 0 ? undefined : button}>
      <Loaded query={query}>
        {(bases) =>
          bases.length === 0 ? (
            <EmptyState icon={Table2} title={text.empty.title} text={text.empty.text} actions={button} />
          ) : (
            <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }} spacing="sm">
              {bases.map(({ id, name, createdAt }) => (
                <Card key={id} padding="sm" className={classes.card}>
                  <Stack gap={2}>
                    <LinkTo to="/bases/$base" params={{ base: id }} className={classes.link}>
                      {name}
                    </LinkTo>
                    <Text size="xs" c="dimmed">
                      {text.created(format.relative(createdAt, now))}
                    </Text>
                  </Stack>
                </Card>
              ))}
            </SimpleGrid>
          )
        }
      </Loaded>
      <NameDialog opened={creating} title={text.create} onClose={() => setCreating(false)} onName={create} />
    </Page>
  );
}
