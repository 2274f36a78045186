// Takes real time, chance and the network away from this process: whatever of the code under test reaches for them would
// make a history that cannot be played again, and fails here instead. tools/tidy reads the code for the same; this sees
// what it does.

const FORBIDDEN: readonly (readonly [object, string])[] = [
  [globalThis, 'setTimeout'],
  [globalThis, 'setInterval'],
  [globalThis, 'fetch'],
  [globalThis, 'WebSocket'],
  [Math, 'random'],
  [Date, 'now'],
]

/** `isAllowed`: it is the driver of a real database that asks. */
export function forbidTheRealWorld(isAllowed: () => boolean = () => false): void {
  for (const [owner, name] of FORBIDDEN) {
    const real: unknown = Reflect.get(owner, name)
    Object.defineProperty(owner, name, {
      configurable: true,
      value: (...args: readonly unknown[]): unknown => {
        if (typeof real === 'function' && isAllowed()) return Reflect.apply(real, owner, args)
        throw new Error(`${name} was reached for in a simulated history`)
      },
    })
  }
}
