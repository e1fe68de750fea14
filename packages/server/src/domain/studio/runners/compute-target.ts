/** Where a run is to train, and on what, from what its order says. */
import type { ComputeProvider, RunOrder } from '@posterior/contracts'
import { invalidField } from '../../app-error.ts'
import type { Runner, RunnerStore } from '../../ports/runners.ts'
import type { RunCompute, Trainer } from '../../ports/runs.ts'

const TARGET = 'compute.target'
const PROVIDER = 'compute.provider'

export interface ComputeDeps {
  runners: Pick<RunnerStore, 'listForProject'>
  trainer: Pick<Trainer, 'problemOf'>
}

/**
 * Resolve `compute`.
 *
 * @throws AppError REQUEST_VALIDATION_ERROR when nobody could take the run
 */
export async function resolveCompute(
  { runners, trainer }: ComputeDeps,
  projectId: string,
  compute: RunOrder['compute'],
): Promise<Omit<RunCompute, 'maxSeconds'>> {
  const { target, provider } = { target: compute?.target ?? 'server', provider: compute?.provider ?? 'cpu' }
  if (target === 'server') {
    const problem = await trainer.problemOf(provider)
    if (problem === null) return { target: 'server', runner: null, provider }
    throw invalidField(PROVIDER, `${provider} does not work on this server (${problem}); the CPU does`)
  }
  const known = await runners.listForProject(projectId)
  if (known.length === 0) {
    throw invalidField(
      TARGET,
      'nobody who may change this project has a runner; issue a token at /runners and start "posterior runner" with it',
    )
  }
  const runner = target === 'runner' ? null : namedRunner(known, target)
  requireProvider(runner ? [runner] : known, provider)
  return { target: 'runner', runner: runner && { id: runner.id, name: runner.name }, provider }
}

/** Whether a runner says that it can compute on a provider; one that says nothing of it has a CPU. */
export function offers({ capabilities }: Pick<Runner, 'capabilities'>, provider: ComputeProvider): boolean {
  const offered = capabilities?.['providers']
  return provider === 'cpu' || (Array.isArray(offered) && offered.includes(provider))
}

function namedRunner(known: readonly Runner[], target: string): Runner {
  const named = known.filter(({ id, name }) => id === target || name === target)
  const [found] = named
  if (found && named.length === 1) return found
  const problem = found ? 'is the name of several runners; give the id of one' : 'is none of the runners'
  const names = known.map(({ name }) => name).join(', ')
  throw invalidField(TARGET, `"${target}" ${problem}; there are server, runner, ${names}`)
}

function requireProvider(candidates: readonly Runner[], provider: ComputeProvider): void {
  if (candidates.some((runner) => offers(runner, provider))) return
  const found = candidates.map(({ name, capabilities }) => {
    const offered = capabilities?.['providers']
    return `${name}: ${Array.isArray(offered) ? offered.join(', ') : 'cpu'}`
  })
  throw invalidField(PROVIDER, `no runner offers ${provider}; they offer ${found.join('; ')}`)
}
