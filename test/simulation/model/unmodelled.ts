// Parts of the store that the model does not play: what only people look at, and the auditor of production. They fail loudly,
// so that no history runs on a part that is not there.
import { AssertionFailed } from '../../../src/lib/assert.ts'
import type { Store } from '../../../src/store/store.ts'

type Unmodelled = Pick<Store, 'auditorSigns'>

export const UNMODELLED: Unmodelled = {
  auditorSigns: () => missing('auditorSigns'),
}

async function missing(name: keyof Unmodelled): Promise<never> {
  throw new AssertionFailed(`the model does not play ${name}`)
}
