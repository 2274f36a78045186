// What this installation knows of itself, and the runs of its processes.

/** One run of one process, and the send journal that is its own. */
export interface StoredIncarnation {
  readonly incarnation: bigint
  readonly host: string
  readonly pid: number
  /** By the database's clock, milliseconds since the epoch. */
  readonly startedAtMs: number
  readonly hasEnded: boolean
  /** The random id of the installation, and that of this incarnation's journal. */
  readonly installation: string
  readonly journalId: string
  /** How much of the journal was on the disk when its owner last said so. */
  readonly journalBytes: number
}

/** The runs of processes. */
export interface RunStore {
  beginIncarnation(process: { kind: string; host: string; pid: number }): Promise<bigint>
  findIncarnation(incarnation: bigint): Promise<StoredIncarnation | null>
  /** It lives, and so much of its send journal is on the disk. */
  touchIncarnation(incarnation: bigint, journalBytes: number): Promise<void>
  endIncarnation(incarnation: bigint): Promise<void>
  /** Of these, those that hold a send right whose end is not recorded. */
  withOpenSends(incarnations: readonly bigint[]): Promise<readonly bigint[]>
  /** Makes the look at every such send of theirs due at once. */
  wakeOpenSends(incarnations: readonly bigint[]): Promise<void>
  /** Of these, those with an attempt that has not ended. */
  withLiveAttempts(incarnations: readonly bigint[]): Promise<readonly bigint[]>
}
