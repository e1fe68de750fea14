/**
 * What a runner keeps on disk of a run: the plan, the claim, every event of the claim, and the folder of the trainer, from
 * which training goes on after a restart. Only the user of this machine may read it.
 */
import { appendFile, chmod, mkdir, readdir, readFile, rm, stat, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gunzip, gunzipSync, gzip, gzipSync } from 'node:zlib'
import { type ComputeProvider, MAX_RUN_STEPS } from '@posterior/contracts'
import { writeDurably } from '@posterior/model'
import { readTar, writeTar } from '@posterior/project'
import {
  packState,
  placeState,
  readState,
  savedStep,
  stateBytes,
  type TrainingPlan,
  validateTrainingConfig,
} from '@posterior/training'
import { CommandError } from '../command.ts'
import type { Held } from './runner-api.ts'

const pack = promisify(gzip)
const unpack = promisify(gunzip)

/** Parts of a tar archive of a few files that are not their bytes. */
const TAR_BYTES = 16_384

/** Largest bundle, unpacked: that of the largest project and its plan. */
const MAX_BUNDLE_BYTES = 64 << 20
const MAX_BUNDLE_FILES = 1_000

const PLAN_FILE = 'posterior/plan.json'
/** A table of a dataset that the plan is measured on, by its hash. */
const TABLE = /^posterior\/tables\/([0-9a-f]{64})$/

/** What is left of a run that another runner has is kept for so long. */
const KEEP_MS = 7 * 86_400_000

/** The run as it is shown. */
export interface JobHead extends Held {
  runSlug: string
  /** What it is computed on. */
  provider: ComputeProvider
  /** Whether the server takes states on the way. */
  takesStates?: boolean
}

export interface JobEvent {
  event: string
  [field: string]: unknown
}

export class JobFolder {
  readonly path: string
  readonly head: JobHead

  private constructor(root: string, head: JobHead) {
    this.path = join(root, 'jobs', head.runId)
    this.head = head
  }

  /** The folder of a run that was just claimed; what an earlier claim has trained is kept. */
  static async begin(root: string, head: JobHead): Promise<JobFolder> {
    if (!/^[0-9A-Za-z-]{1,64}$/.test(head.runId)) throw new Error(`not the id of a run: ${head.runId}`)
    const folder = new JobFolder(root, head)
    await mkdir(folder.path, { recursive: true, mode: 0o700 })
    // Events belong to a claim.
    await rm(join(folder.path, 'events.jsonl'), { force: true })
    await folder.#write('claim.json', JSON.stringify(head))
    return folder
  }

  /** Runs that were claimed when this runner last ended. What has been lying about for long is removed. */
  static async unfinished(root: string, now: number): Promise<JobFolder[]> {
    const found: JobFolder[] = []
    for (const name of await readdir(join(root, 'jobs')).catch(() => [])) {
      const path = join(root, 'jobs', name)
      const text = await readFile(join(path, 'claim.json'), 'utf8').catch(() => undefined)
      if (text !== undefined) found.push(new JobFolder(root, JSON.parse(text)))
      else if (now - (await stat(path)).mtimeMs > KEEP_MS) await rm(path, { recursive: true, force: true })
    }
    return found
  }

  /** Folder of the trainer. */
  get run(): string {
    return join(this.path, 'run')
  }

  /** Folder of the tables of datasets, each under its hash. */
  get tables(): string {
    return join(this.path, 'tables')
  }

  /** The plan in the bundle, checked, with the tables that it is measured on. @throws CommandError when this program cannot train it */
  async savePlan(bundle: Buffer): Promise<void> {
    const unpacked = gunzipSync(bundle, { maxOutputLength: MAX_BUNDLE_BYTES })
    const files = readTar(unpacked, { maxEntries: MAX_BUNDLE_FILES })
    const file = files.find(({ path }) => path === PLAN_FILE)
    if (!file) throw new CommandError(`the bundle has no ${PLAN_FILE}; the server is of another version`)
    planOf(Buffer.from(file.bytes).toString())
    await mkdir(this.tables, { recursive: true, mode: 0o700 })
    for (const { path, bytes } of files) {
      const sha256 = TABLE.exec(path)?.[1]
      if (sha256) await writeDurably(join(this.tables, sha256), Buffer.from(bytes))
    }
    await this.#write('plan.json', Buffer.from(file.bytes).toString())
  }

  /** The saved plan; undefined when there is none yet. */
  async plan(): Promise<TrainingPlan | undefined> {
    const text = await readFile(join(this.path, 'plan.json'), 'utf8').catch(() => undefined)
    return text === undefined ? undefined : planOf(text)
  }

  async addEvent(event: JobEvent): Promise<void> {
    const path = join(this.path, 'events.jsonl')
    await appendFile(path, `${JSON.stringify(event)}\n`, { mode: 0o600 })
  }

  /** Events of this claim. A last line that a kill cut off is removed. */
  async events(): Promise<JobEvent[]> {
    const path = join(this.path, 'events.jsonl')
    const bytes = await readFile(path).catch(() => Buffer.alloc(0))
    const whole = bytes.subarray(0, bytes.lastIndexOf(10) + 1)
    if (whole.length < bytes.length) await truncate(path, whole.length)
    const lines = whole.toString().split('\n').slice(0, -1)
    return lines.map((line) => JSON.parse(line))
  }

  /** Pack the model that was trained. @returns the path of the archive */
  async packModel(): Promise<string> {
    const names = ['manifest.json', 'model.safetensors']
    const files = names.map(async (path) => ({ path, bytes: await readFile(join(this.run, 'model', path)) }))
    const archive = join(this.path, 'checkpoint.tar.gz')
    await writeDurably(archive, gzipSync(writeTar(await Promise.all(files))))
    await chmod(archive, 0o600)
    return archive
  }

  /** Pack the state that the run is saved in. @returns the archive and its step; undefined when nothing is saved yet */
  async packState(): Promise<{ step: number; archive: string } | undefined> {
    const packed = await packState(this.run)
    if (!packed) return undefined
    const archive = join(this.path, 'state.tar.gz')
    await this.#write('state.tar.gz', await pack(writeTar(packed.files)))
    return { step: packed.step, archive }
  }

  /** The step from which this machine would go on; undefined when it would begin. */
  savedStep(): Promise<number | undefined> {
    return savedStep(this.run)
  }

  /** Go on from a state of another machine. @throws CommandError when it is none of this plan */
  async placeState(archive: Buffer, { config }: TrainingPlan): Promise<void> {
    const maxOutputLength = stateBytes(config, config.budget.steps ?? MAX_RUN_STEPS) + TAR_BYTES
    try {
      const files = readTar(await unpack(archive, { maxOutputLength }), { maxEntries: 8 })
      const state = readState(files, config)
      await rm(this.run, { recursive: true, force: true, maxRetries: 5 })
      await placeState(this.run, state)
    } catch (cause) {
      throw new CommandError(`the checkpoint of the server cannot be used: ${(cause as Error).message}`, {
        cause,
      })
    }
  }

  /** Another one has the run: forget the claim, and keep what was trained in case it comes back. */
  async drop(): Promise<void> {
    await rm(join(this.path, 'claim.json'), { force: true })
  }

  /** The run is over. */
  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true, maxRetries: 5 })
  }

  async #write(name: string, content: string | Uint8Array<ArrayBuffer>): Promise<void> {
    const path = join(this.path, name)
    await writeDurably(path, content)
    await chmod(path, 0o600)
  }
}

function planOf(text: string): TrainingPlan {
  const { format, plan } = JSON.parse(text) as { format: number; plan: TrainingPlan }
  if (format !== 1) throw new CommandError(`the plan has format ${format}; this version reads format 1`)
  validateTrainingConfig(plan.config)
  return plan
}
