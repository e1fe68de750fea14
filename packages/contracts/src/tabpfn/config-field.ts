/** What this server does with a setting of a request. */
export interface ConfigField {
  name: string
  /** `honoured` does what it says; `accepted` is checked and has no effect; `refused` is a 422 unless null. */
  effect: 'honoured' | 'accepted' | 'refused'
  /**
   * Where it acts: it defines the ensemble (fixed at fit), only the output (may differ at each predict), or which model
   * is used and how far.
   */
  acts: 'ensemble' | 'output' | 'model' | 'none'
  /** What holds when it is not sent. */
  default: string
  note: string
}
