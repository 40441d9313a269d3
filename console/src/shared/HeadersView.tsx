import { Table, Text } from '@mantine/core';
import { useMessages } from '../i18n/index.tsx';

/** Headers as a table of two columns. */
export function HeadersView({
  headers,
  label,
}: {
  headers: Readonly<Record<string, string>>;
  label: string;
}) {
  const { common } = useMessages();
  const entries = Object.entries(headers);
  if (entries.length === 0) return <Text c="dimmed">{common.none}</Text>;
  return (
    <Table aria-label={label} verticalSpacing={4} fz="sm" layout="fixed">
      <Table.Tbody>
        {entries.map(([name, value]) => (
          <Table.Tr key={name}>
            <Table.Th
              w="36%"
              ff="monospace"
              fw={500}
              style={{ overflowWrap: 'anywhere', verticalAlign: 'top' }}
            >
              {name}
            </Table.Th>
            <Table.Td ff="monospace" style={{ overflowWrap: 'anywhere' }}>
              {value}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
