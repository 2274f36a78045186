import type { Planted } from './planted.ts'

export const planted: Planted = {
  number: '34a',
  says: 'a nonce is recorded after the effect',
  test: 'src/desk/once.test.ts',
  patches: [
    {
      file: 'src/desk/once.ts',
      from: '  const begun = await store.beginOneTimeUse(use)\n',
      to: '  const early = await work()\n  const begun = await store.beginOneTimeUse(use)\n',
    },
    {
      file: 'src/desk/once.ts',
      from: 'answerOneTimeUse(use, await work())',
      to: 'answerOneTimeUse(use, early)',
    },
  ],
}
