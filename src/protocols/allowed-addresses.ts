// Where a credential may be used from: the same setting at every door.

/** Without a list every address may come; a list that holds nothing lets nobody in. */
export function isAllowedFrom(remoteAddress: string, list: string | undefined): boolean {
  if (list === undefined || list === '') return true
  const address = plainAddress(remoteAddress)
  return list.split(',').some(allowed => allowed.trim() !== '' && plainAddress(allowed.trim()) === address)
}

/** One spelling per address: an IPv4 peer of a socket that listens on IPv6 is written as IPv4. */
export function plainAddress(address: string): string {
  return address.toLowerCase().replace(/^::ffff:(?=[0-9.]+$)/, '')
}
