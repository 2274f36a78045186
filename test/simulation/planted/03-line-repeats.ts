import type { Planted } from './planted.ts'

export const planted: Planted = {
  number: '03',
  says: 'the HTTP client sends again when the connection closes early',
  wrap: ports => ({
    ...ports,
    call: {
      ...ports.call,
      async callOnce(request, limits, lastCheck) {
        const first = await ports.call.callOnce(request, limits, lastCheck)
        return first.kind === 'cut' && first.why === 'reset'
          ? ports.call.callOnce(request, limits, lastCheck)
          : first
      },
    },
  }),
}
