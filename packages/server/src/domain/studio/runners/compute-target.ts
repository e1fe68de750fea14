/** Where a run is to train, from what its order says. */
import type { RunOrder } from '@posterior/contracts'
import { invalidField } from '../../app-error.ts'
import type { RunnerStore } from '../../ports/runners.ts'
import type { RunCompute } from '../../ports/runs.ts'

const FIELD = 'compute.target'

/**
 * Resolve `compute`.
 *
 * @throws AppError REQUEST_VALIDATION_ERROR when nobody could take the run
 */
export async function resolveCompute(
  runners: Pick<RunnerStore, 'listForProject'>,
  projectId: string,
  compute: RunOrder['compute'],
): Promise<Omit<RunCompute, 'maxSeconds'>> {
  const target = compute?.target ?? 'server'
  if (target === 'server') return { target: 'server', runner: null }
  const known = await runners.listForProject(projectId)
  if (known.length === 0) {
    throw invalidField(
      FIELD,
      'nobody who may change this project has a runner; issue a token at /runners and start "posterior runner" with it',
    )
  }
  if (target === 'runner') return { target: 'runner', runner: null }
  const named = known.filter(({ id, name }) => id === target || name === target)
  const [found] = named
  if (!found || named.length > 1) {
    const problem = found ? 'is the name of several runners; give the id of one' : 'is none of the runners'
    const names = known.map(({ name }) => name).join(', ')
    throw invalidField(FIELD, `"${target}" ${problem}; there are server, runner, ${names}`)
  }
  return { target: 'runner', runner: { id: found.id, name: found.name } }
}
