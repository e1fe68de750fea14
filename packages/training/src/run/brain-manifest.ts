/** What the manifest of a run's model says: everything but how far training came follows from the configuration. */
import { createHash } from 'node:crypto'
import type { ModelManifest } from '@posterior/model'
import { trainedRangeOf } from './prior-plan.ts'
import type { RunProgress } from './run-state.ts'
import type { TrainingConfig } from './training-config.ts'

/** How far training came, as a manifest says it. */
export type ManifestProgress = Pick<RunProgress, 'step' | 'datasets' | 'seconds'>

/** The manifest of a model of this configuration, without its files. */
export function brainManifest(
  config: TrainingConfig,
  { step, datasets, seconds }: ManifestProgress,
): Omit<ModelManifest, 'format' | 'files'> {
  const { tasks, trainedRange, inputs, classSlots, data } = trainedRangeOf(config)
  return {
    name: config.name,
    version: config.version,
    architecture: config.architecture,
    tasks,
    licence: 'Apache-2.0',
    trainedRange,
    ...(inputs && { inputs }),
    ...(classSlots !== undefined && { classSlots }),
    training: {
      ...{ data, steps: step, datasets, seconds: Math.round(seconds), seed: config.seed },
      config: withoutCode(config),
    },
  }
}

/** A model goes to more people than the code that its tasks were drawn by; which code that was can still be told. */
function withoutCode({ prior, ...config }: TrainingConfig) {
  if (prior?.kind !== 'module') return { ...config, ...(prior && { prior }) }
  const { id, version, file, code } = prior.module
  const sha256 = createHash('sha256').update(code).digest('hex')
  return {
    ...config,
    prior: { kind: 'module', module: { id, version, file, sha256 }, overrides: prior.overrides },
  }
}
