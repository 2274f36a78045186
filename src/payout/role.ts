/** What a person may do: for one merchant, or for all of them. */
export const ROLES = ['viewer', 'maker', 'approver', 'operator', 'admin'] as const
export type Role = (typeof ROLES)[number]
