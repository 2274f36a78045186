// A planted bug: the code as it must not be. Each is a patch to a copy of one file, made while the copy is loaded, or a
// wrapper around the ports of a process. Product code has no switch for any of them.
import type { Patch } from '../../patch.ts'
import type { Options } from '../options.ts'
import type { HostNeeds } from '../process/host.ts'

export interface Planted {
  /** As SAFETY.md section 8 numbers them; two halves are two bugs. */
  readonly number: string
  readonly says: string
  /** The one check that has to find it; absent: any. */
  readonly by?: string
  readonly patches?: readonly Patch[]
  /** A bug that no history reaches: this test file has to fail, by its path from the root of the repository. */
  readonly test?: string
  readonly wrap?: HostNeeds['wrap']
  /** Directs each seed at the corner in which the bug lives; the clean code plays the same seeds. */
  readonly direct?: (options: Options) => Options
}
