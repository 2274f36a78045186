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

export function forbidTheRealWorld(): void {
  for (const [owner, name] of FORBIDDEN)
    Object.defineProperty(owner, name, {
      configurable: true,
      value: () => {
        throw new Error(`${name} was reached for in a simulated history`)
      },
    })
}
