/** What a person or a token may do in one workspace; each role may all that the ones before it may. */
export const workspaceRoles = ['viewer', 'editor', 'admin'] as const;
export type WorkspaceRole = (typeof workspaceRoles)[number];

/** An operator may do everything, in every workspace, and beyond workspaces. */
export const roles = [...workspaceRoles, 'operator'] as const;
export type Role = (typeof roles)[number];

/** Whether someone with `role` may do what `needed` may. */
export function includesRole(role: Role, needed: Role): boolean {
  return roles.indexOf(role) >= roles.indexOf(needed);
}
