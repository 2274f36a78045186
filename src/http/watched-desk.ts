// A door answers every fault of ours in its protocol's own words and has no log. What broke behind it is logged here, on
// its way to the door, so that a mistake of ours is not hidden by a well-formed answer.
import { Unavailable } from '../errors.ts'
import type { Log } from '../lib/log.ts'
import type { Desk } from '../protocols/protocol.ts'

export function watchedDesk(desk: Desk, log: Log): Desk {
  const watched = async <Value>(work: Promise<Value>): Promise<Value> => {
    try {
      return await work
    } catch (error) {
      // A database that is away is told once by those who look after it, not once for each request.
      if (!(error instanceof Unavailable)) log.error({ err: error }, 'a mistake of ours behind a door')
      throw error
    }
  }
  return {
    credential: (door, publicId) => desk.credential(door, publicId),
    submit: submission => watched(desk.submit(submission)),
    find: (merchantId, by) => watched(desk.find(merchantId, by)),
    balances: merchantId => watched(desk.balances(merchantId)),
    confirm: (merchantId, number, answer) => watched(desk.confirm(merchantId, number, answer)),
    once: (use, work) => watched(desk.once(use, work)),
    proofImages: (merchantId, number) => watched(desk.proofImages(merchantId, number)),
    mayAsk: (credential, perMinute) => desk.mayAsk(credential, perMinute),
  }
}
