import type { Planted } from './planted.ts'

export const planted: Planted = {
  number: '36b',
  says: 'an exchange is stored as it went over the line',
  test: 'src/dispatch/send.test.ts',
  patches: [
    {
      file: 'src/dispatch/transcript.ts',
      from: '    return connector\n      .scrub(text.slice(0, KEPT_MAX))\n',
      to: '    return text\n',
    },
  ],
}
