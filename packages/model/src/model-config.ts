/** What a model is made of: one of the architectures that this version knows. */
import { type CompositionConfig, validateComposition } from './composition/composition.ts'
import { type InterleavedConfig, type ModelTask, TASKS, validateInterleaved } from './config.ts'

export type ModelConfig = InterleavedConfig | CompositionConfig

/**
 * Check sizes that come from a file or a user.
 *
 * @throws RangeError that names the size, or the block, and what it must be
 */
export function validateConfig(config: ModelConfig): ModelConfig {
  switch (config?.architecture) {
    case 'interleaved-1':
      return validateInterleaved(config)
    case 'composition-1':
      return validateComposition(config)
    default: {
      const { architecture } = (config ?? {}) as { architecture?: unknown }
      throw new RangeError(
        `architecture is "${String(architecture)}"; this version knows "interleaved-1" and "composition-1"`,
      )
    }
  }
}

/** What a model of this architecture can be trained for. */
export function tasksOf(config: ModelConfig): readonly ModelTask[] {
  return config.architecture === 'composition-1' ? [config.task] : TASKS
}
