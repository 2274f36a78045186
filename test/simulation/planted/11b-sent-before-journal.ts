import type { Planted } from './planted.ts'

export const planted: Planted = {
  number: '11b',
  says: 'the bytes leave before the send journal is synced',
  by: 'I14',
  patches: [
    {
      file: 'src/dispatch/send-right.ts',
      from: 'const isWritten = await needs.journal.write({ ...entry, atMs: startedAtMs })',
      to: 'const isWritten = true\n  void needs.journal.write({ ...entry, atMs: startedAtMs })',
    },
  ],
}
