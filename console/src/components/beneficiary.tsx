import type { MaskedBeneficiary } from '../api/types.gen.ts'
import classes from './beneficiary.module.css'

/** Who is paid, as masked as the API gives it. */
export function Beneficiary({ of }: { of: MaskedBeneficiary }) {
  const [kind, value] = wordsOf(of)
  return (
    <div className={classes.beneficiary}>
      <div className="mono truncate">{value}</div>
      <div className={`${classes.kind} truncate`}>{kind}</div>
    </div>
  )
}

function wordsOf(of: MaskedBeneficiary): readonly [kind: string, value: string] {
  switch (of.kind) {
    case 'wallet':
      return [`${of.operator} wallet`, of.number]
    case 'bank_account':
      return [['bank account', of.bank, of.holder].filter(word => word !== null).join(', '), of.account]
    case 'card':
      return ['card', of.number]
  }
}
