import type { Planted } from './planted.ts'

export const planted: Planted = {
  number: '04',
  says: 'a redirect is followed',
  wrap: ports => ({
    ...ports,
    call: {
      ...ports.call,
      async callOnce(request, limits, lastCheck) {
        const first = await ports.call.callOnce(request, limits, lastCheck)
        return first.kind === 'answered' && first.status === 307
          ? ports.call.callOnce(request, limits, lastCheck)
          : first
      },
    },
  }),
}
