import type { Survivor } from './summary.ts'

/** Every mutant that no test notices, and why it may stay. `npm run mutation` compares both ways. */
export const SURVIVORS: readonly Survivor[] = []
