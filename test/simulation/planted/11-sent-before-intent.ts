import type { Planted } from './planted.ts'

export const planted: Planted = {
  number: '11',
  says: 'the attempt is committed after the send',
  patches: [
    {
      file: 'src/dispatch/send.ts',
      from: '  const intent = await commitIntent(due, prepared, { ready, incarnation }, needs)\n',
      to: '  const early = await needs.call.callOnce(prepared.request, time.limits, time.lastCheck)\n  const intent = await commitIntent(due, prepared, { ready, incarnation }, needs)\n',
    },
    {
      file: 'src/dispatch/send.ts',
      from: 'const result = await callJournaled(entry, prepared.request, time, needs)',
      to: 'const result = early',
    },
  ],
}
