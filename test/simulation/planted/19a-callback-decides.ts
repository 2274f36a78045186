import type { Planted } from './planted.ts'

export const planted: Planted = {
  number: '19a',
  says: 'a callback is applied without an inquiry',
  patches: [
    {
      file: 'src/dispatch/inquire.ts',
      from: 'const asked = isQueryable(terms.capabilities) ? await ask(due, terms, ready, needs) : null',
      to: 'const asked = (await toldAbout(due, needs))?.length ? null : isQueryable(terms.capabilities) ? await ask(due, terms, ready, needs) : null',
    },
    {
      file: 'src/dispatch/certainty-callback.ts',
      from: 'const mayDecide =',
      to: 'const mayDecide = true ||',
    },
  ],
  direct: options => ({ ...options, rates: { ...options.rates, behaviours: 1 } }),
}
