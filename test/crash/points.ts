// The points at which a process is killed: SAFETY.md section 7. Each lies before or after something durable, or between
// two bytes that somebody else sees.

/** What stands at a point, in the words of the safety document. */
export const POINTS = {
  K1: 'intake: request read',
  K2: 'intake: verified',
  K3: 'intake: transaction open',
  K4: 'intake: rows written',
  K5: 'intake: COMMIT sent',
  K6: 'intake: COMMIT answered',
  K7: 'intake: first byte of the answer',
  K8: 'intake: last byte of the answer',
  K9: 'claim: COMMIT sent',
  K10: 'claim: COMMIT answered',
  K11: 'claim: route chosen',
  K12: 'claim: bytes built',
  K13: 'intent: rows written',
  K14: 'intent: COMMIT sent',
  K15: 'intent: COMMIT answered',
  K16: 'intent: journal synced',
  K17: 'send: connected',
  K18: 'send: last check passed',
  K19: 'send: first byte written',
  K20: 'send: last byte written',
  K21: 'send: head of the answer read',
  K22: 'send: last byte of the answer read',
  K23: 'send: answer decoded',
  K24: 'outcome: rows written',
  K25: 'outcome: COMMIT sent',
  K26: 'outcome: COMMIT answered',
  K27: 'inquiry: claimed',
  K28: 'inquiry: sent',
  K29: 'inquiry: answered',
  K30: 'inquiry: COMMIT sent',
  K31: 'inquiry: COMMIT answered',
  K32: 'callback: read',
  K33: 'callback: COMMIT sent',
  K34: 'callback: acknowledged',
  K35: 'notice: claimed',
  K36: 'notice: sent',
  K37: 'notice: acknowledged',
  K38: 'notice: COMMIT answered',
  K39: 'decision by people committed',
  K40: 'receipt written',
} as const

export type PointName = keyof typeof POINTS

/**
 * How often a run passes a point, nearly always. Four payouts pass most points four times; what is committed in batches is
 * passed less often, and only some payouts are asked about, called back about or told.
 */
export const PASSINGS: Readonly<Record<PointName, number>> = {
  ...{ K1: 4, K2: 2, K3: 2, K4: 2, K5: 2, K6: 2, K7: 4, K8: 4 },
  ...{ K9: 2, K10: 2, K11: 2, K12: 2, K13: 2, K14: 2, K15: 2, K16: 2 },
  ...{ K17: 4, K18: 4, K19: 4, K20: 4, K21: 3, K22: 3, K23: 3, K24: 3, K25: 3, K26: 3 },
  ...{ K27: 2, K28: 3, K29: 3, K30: 2, K31: 2, K32: 3, K33: 2, K34: 3 },
  ...{ K35: 2, K36: 2, K37: 2, K38: 2, K39: 1, K40: 2 },
}

export function isPoint(name: string): name is PointName {
  return Object.hasOwn(POINTS, name)
}

// A check of types, not `as const satisfies`, would let the list forget one: this one is exhaustive by construction.
export const POINT_NAMES: readonly PointName[] = Object.keys(POINTS).filter(isPoint)
