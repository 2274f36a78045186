// What a process of the switch is started with.

export interface SwitchPlan {
  readonly databaseUrl: string
  readonly dataDir: string
  readonly gateway: boolean
  readonly worker: boolean
  /** The most payouts of one commit; left out: the intake's own. */
  readonly batchMax?: number
}
