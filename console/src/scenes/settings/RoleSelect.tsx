import { Select } from '@mantine/core';
import type { WorkspaceRole } from '../../api/types.ts';
import { useMessages } from '../../i18n/index.tsx';

const roles: readonly WorkspaceRole[] = ['viewer', 'editor', 'admin'];

interface RoleSelectProps {
  readonly label?: string;
  readonly 'aria-label'?: string;
  readonly value: WorkspaceRole;
  readonly size?: 'xs' | 'sm';
  readonly w?: number;
  readonly onChange: (role: WorkspaceRole) => void;
}

/** What someone may do in a workspace. */
export function RoleSelect({ value, size = 'sm', onChange, ...others }: RoleSelectProps) {
  const { settings } = useMessages();
  return (
    <Select
      {...others}
      size={size}
      allowDeselect={false}
      {...(others.label === undefined ? {} : { description: settings.roleHints[value] })}
      value={value}
      onChange={(role) => onChange(roles.find((known) => known === role) ?? value)}
      data={roles.map((role) => ({ value: role, label: settings.roles[role] }))}
    />
  );
}
