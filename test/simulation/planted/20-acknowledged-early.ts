import type { Planted } from './planted.ts'

export const planted: Planted = {
  number: '20',
  says: 'a callback is acknowledged before it is stored',
  patches: [
    {
      file: 'src/dispatch/receive.ts',
      from: 'const verdict = await kept.submit(newCallback(address, told))',
      to: "void kept.submit(newCallback(address, told)).catch(() => {})\n    const verdict: string = 'kept'",
    },
  ],
  direct: options => ({ ...options, rates: { ...options.rates, store_error: 0.1, crash: 0.01 } }),
}
