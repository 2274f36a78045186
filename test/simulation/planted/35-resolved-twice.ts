import type { Planted } from './planted.ts'

export const planted: Planted = {
  number: '35',
  says: 'an address is resolved a second time after the check',
  test: 'src/dispatch/call.test.ts',
  patches: [
    {
      file: 'src/dispatch/connection.ts',
      from: 'const tcp = await openTcp(url, addresses.all,',
      to: 'const again = await (options.resolve ?? resolveBySystem)(hostOf(url))\n  const tcp = await openTcp(url, again,',
    },
  ],
}
