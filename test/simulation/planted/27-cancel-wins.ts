import type { Planted } from './planted.ts'

export const planted: Planted = {
  number: '27',
  says: 'cancel wins against a send in progress',
  patches: [
    {
      file: 'src/payout/lifecycle.ts',
      from: "    case 'returned':\n      return refused('not_paid')\n    case 'release':\n    case 'wait':\n    case 'cancel':\n    case 'send':\n      return refused('already_sent')\n    default:\n      return answered(event)\n  }\n}\n\nfunction fromPending",
      to: "    case 'cancel':\n      return step('cancelled', { recipe: 'fail' })\n    case 'returned':\n      return refused('not_paid')\n    case 'release':\n    case 'wait':\n    case 'send':\n      return refused('already_sent')\n    default:\n      return answered(event)\n  }\n}\n\nfunction fromPending",
    },
  ],
  direct: options => ({ ...options, rates: { ...options.rates, cancels: 0.8 } }),
}
