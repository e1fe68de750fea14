/** The life of a runner: go on with what it had, ask for work, train, and again. */
import type { TrainingPlan } from '@posterior/training'
import { CommandError } from '../command.ts'
import { JobFolder } from './job-folder.ts'
import { JobLost, Refused, type RunnerApi } from './runner-api.ts'
import { type JobEnd, trainJob } from './train-job.ts'

export interface RunnerSetup {
  api: RunnerApi
  /** Where jobs are kept. */
  root: string
  workers: number
  /** Time between two uploads of the state of a run; 0: none. */
  uploadEveryMs: number
  /** End after one run. */
  isOnce: boolean
  signal: AbortSignal
  note: (line: string) => void
}

/** Serve until the signal, or with `isOnce` until one run has ended. @returns how the last run ended */
export async function serveRuns(setup: RunnerSetup): Promise<JobEnd | undefined> {
  const { api, root, isOnce, signal, note } = setup
  let end: JobEnd | undefined
  try {
    for (const folder of await JobFolder.unfinished(root, Date.now())) {
      note(`${folder.head.runSlug}: going on with it.`)
      end = await train(setup, folder)
      if (isOnce && isEnd(end)) return end
    }
    while (!signal.aborted) {
      const job = await api.next()
      if (!job) continue
      const { runId, runSlug, claim, provider, priorRef, modelRef, checkpoint } = job
      note(`${runSlug}: training ${modelRef.slug} on ${priorRef.slug}.`)
      const takesStates = checkpoint !== undefined
      const folder = await JobFolder.begin(root, { runId, runSlug, claim, provider, takesStates })
      end = await train(setup, folder, checkpoint?.step)
      if (isOnce && isEnd(end)) return end
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
  return end
}

function isEnd(end: JobEnd): boolean {
  return end !== 'lost'
}

/** @param step  where the server knows the run to be */
async function train(setup: RunnerSetup, folder: JobFolder, step = 0): Promise<JobEnd> {
  const { api, note, signal } = setup
  const end = await planOf(setup, folder, step)
    .then((plan) => (plan ? trainJob({ ...setup, folder, plan }) : 'failed'))
    .catch(async (error: unknown) => {
      if (signal.aborted) {
        await api.release(folder.head)
        await folder.drop()
        return 'handed back' as const
      }
      if (!(error instanceof JobLost)) throw error
      note(error.message)
      await (error.isGone ? folder.remove() : folder.drop())
      return 'lost' as const
    })
  note(`${folder.head.runSlug}: ${end}.`)
  return end
}

/** The plan of the job. A plan that cannot be trained here ends the run, with the reason. */
async function planOf(
  setup: RunnerSetup,
  folder: JobFolder,
  step: number,
): Promise<TrainingPlan | undefined> {
  const { api } = setup
  try {
    if (!(await folder.plan())) await folder.savePlan(await api.bundle(folder.head))
    const plan = await folder.plan()
    if (plan) await goOn(setup, folder, { plan, step })
    return plan
  } catch (error) {
    const isPlan = error instanceof RangeError || error instanceof TypeError || error instanceof SyntaxError
    if (!isPlan && !(error instanceof CommandError) && !(error instanceof Refused)) throw error
    const message = `the runner cannot train this plan: ${error.message}`
    await api.result(folder.head, { status: 'failed', error: { message } })
    await folder.remove()
    return undefined
  }
}

/** Take over what another runner has trained, unless this machine is further. */
async function goOn(
  { api, note }: RunnerSetup,
  folder: JobFolder,
  { plan, step }: { plan: TrainingPlan; step: number },
): Promise<void> {
  if (step <= ((await folder.savedStep()) ?? 0)) return
  await folder.placeState(await api.state(folder.head), plan)
  note(`${folder.head.runSlug}: going on from step ${step}.`)
}
