// Loaded before the program: its leases and the time after which a send is lost last two seconds instead of half a minute.
// Everything else is the program as it is. Half a minute for each pause would make a pause of three leases last for minutes.
import { patchFiles } from '../patch.ts'

patchFiles([
  { file: 'src/dispatch/dispatcher.ts', from: 'leaseMs: 30_000', to: 'leaseMs: 2_000' },
  {
    file: 'src/dispatch/schedule.ts',
    from: 'LOST_MARGIN_MS = 15 * SECOND_MS',
    to: 'LOST_MARGIN_MS = SECOND_MS',
  },
  { file: 'src/dispatch/due-attempts.ts', from: 'LOOK_MARGIN_MS = 30_000', to: 'LOOK_MARGIN_MS = 1_000' },
])
