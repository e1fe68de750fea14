/** `posterior bench quality`: arguments in, progress and the summary out; the work is done by the evaluation package. */
import { existsSync } from 'node:fs'
import { basename, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { detectThreads } from '@posterior/engine'
import { benchQuality, renderSummary, type SplitEvent } from '@posterior/evaluation'
import { type CommandContext, type OptionValues, UsageError } from '../command.ts'
import { modelsFolder } from '../models-folder.ts'
import { Progress } from '../progress.ts'

const BASELINES = fileURLToPath(new URL('../../../../bench/baselines/results', import.meta.url))

/** Run the command. @returns 0, or 1 when a split failed; everything else is thrown */
export async function benchModelQuality(values: OptionValues, context: CommandContext): Promise<number> {
  const { signal, env, stdout, stderr } = context
  const data = values['data'] ?? env['POSTERIOR_SELECT_DIR']
  if (!data) throw new UsageError('posterior bench quality needs --data or POSTERIOR_SELECT_DIR.')
  const model = String(values['model'])
  const out = resolve(String(values['out'] ?? join('runs', `quality-${basename(model)}`)))
  const given = values['baselines'] as string | undefined
  const progress = new Progress(stderr)
  try {
    progress.step('starting the engine')
    const { report, files, failed } = await benchQuality({
      model,
      modelsDir: modelsFolder(values, env),
      dataDir: resolve(String(data)),
      baselinesDir: given ? resolve(given) : existsSync(BASELINES) ? BASELINES : undefined,
      sets: String(values['sets'] ?? 'all'),
      seeds: readSeeds(String(values['seeds'] ?? '0,1,2')),
      outDir: out,
      jobs: Number(values['jobs'] ?? detectThreads()),
      threads: Number(values['threads'] ?? 1),
      estimators: values['estimators'] as number | undefined,
      trainRows: values['train-rows'] as number | undefined,
      ridgeColumns: readSwitch('ridge-columns', values['ridge-columns']),
      card: values['card'] as string | undefined,
      signal,
      onSplit: (event) => showSplit(event, progress),
    })
    progress.stop()
    stdout.write(`${renderSummary(report)}\n`)
    stderr.write(`Wrote ${files.map((file) => relative(process.cwd(), file)).join(', ')}.\n`)
    if (failed > 0)
      stderr.write(`${failed} splits failed and are left out; the same command tries them again.\n`)
    return failed > 0 ? 1 : 0
  } finally {
    progress.stop()
  }
}

function showSplit({ dataset, seed, done, total, result, error }: SplitEvent, progress: Progress): void {
  const name = `${dataset}, seed ${seed}`
  if (error) progress.note(`${name}: failed: ${error.message}`)
  if (result) {
    const shown = Object.entries(result.metrics).map(([key, value]) => `${key} ${value.toPrecision(4)}`)
    const doubt = result.verified === false ? ' (not the split of the baselines)' : ''
    progress.note(`${name}: ${shown.join(', ')}${doubt}`)
  }
  progress.update(done / total, `${done} of ${total} splits`)
}

function readSwitch(name: string, value: OptionValues[string]): boolean | undefined {
  if (value === undefined) return undefined
  if (value === 'on' || value === 'off') return value === 'on'
  throw new UsageError(`--${name} takes on or off; got '${value}'.`)
}

function readSeeds(text: string): number[] {
  const seeds = text.split(',').map(Number)
  if (text.trim() === '' || !seeds.every((seed) => Number.isInteger(seed) && seed >= 0))
    throw new UsageError(`--seeds takes whole numbers separated by commas; got '${text}'.`)
  return [...new Set(seeds)]
}
