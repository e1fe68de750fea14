/** What the pool and its child processes say to each other over the IPC channel (structured clones). */

/** Parent to child. `settings` come first and once; then one job at a time. */
export type ParentMessage =
  | { readonly type: 'start'; readonly settings: unknown }
  | { readonly type: 'job'; readonly id: number; readonly job: unknown }
  | { readonly type: 'cancel'; readonly id: number }

/** Child to parent. */
export type ChildMessage =
  | { readonly type: 'ready'; readonly status: ChildStatus }
  | { readonly type: 'failed-start'; readonly error: WireError }
  | { readonly type: 'progress'; readonly id: number; readonly done: number; readonly total: number }
  | { readonly type: 'read'; readonly id: number; readonly size: TableSize }
  | { readonly type: 'result'; readonly id: number; readonly value: unknown; readonly status: ChildStatus }
  | { readonly type: 'error'; readonly id: number; readonly error: WireError; readonly status: ChildStatus }

/** Size of the table that a job has read. */
export interface TableSize {
  readonly rows: number
  readonly columns: number
}

/** How the child stands after a job. */
export interface ChildStatus {
  readonly rssBytes: number
  /**
   * Keys (context folders) that it holds in memory: jobs with such a key are best sent there. Absent when they are
   * those of the last message.
   */
  readonly held?: readonly string[]
}

/** An error in plain data; classes do not survive structured cloning. */
export interface WireError {
  readonly name: string
  readonly message: string
  readonly code?: string
  readonly details?: Record<string, unknown>
  readonly stack?: string
}
