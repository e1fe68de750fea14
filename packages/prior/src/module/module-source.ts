/** Samples of a user's prior, checked: the sandbox draws, and what comes is held against the contract. */

import { Random } from '@posterior/tabular'
import { drawParameters } from '../catalogue/parameters.ts'
import { PriorError } from '../catalogue/prior-error.ts'
import type { Overrides, ParameterValues, Tensor } from '../catalogue/studio-prior.ts'
import { findFault } from './check-sample.ts'
import { type DeclarationDefaults, readDeclaration } from './declaration.ts'
import { ModuleError } from './module-error.ts'
import type { DeclaredModule } from './module-prior.ts'
import { PriorSandbox } from './prior-sandbox.ts'
import type { TimeLimits } from './sandbox/limits.ts'
import type { PriorModule, RawSample } from './sandbox/protocol.ts'

/** A sample, and the generator as it stood after it. */
export interface DrawnSample {
  readonly seed: number
  readonly parameters: ParameterValues
  readonly values: Readonly<Record<string, Tensor>>
  readonly random: Random
  /** What the module printed. */
  readonly logs: readonly string[]
}

/** A prior as a project keeps it. */
export interface WrittenPrior extends DeclarationDefaults {
  readonly slug: string
  readonly version: string
  /** File name of the code. */
  readonly implementation: string
  readonly code: string | null
}

/** A module that runs. Whoever opens it closes it. */
export class ModuleSource {
  readonly module: DeclaredModule
  readonly #sandbox: PriorSandbox

  private constructor(module: DeclaredModule, sandbox: PriorSandbox) {
    this.module = module
    this.#sandbox = sandbox
  }

  /**
   * Load a module and read its declaration.
   *
   * @param names.defaults what is taken where the module leaves something out
   * @throws ModuleError; SandboxLost when the machine did not let it run
   */
  static async open(
    module: PriorModule,
    names: { id: string; version?: string; defaults?: Partial<DeclarationDefaults>; limits?: TimeLimits },
  ): Promise<ModuleSource> {
    const { id, version = '0.1.0', defaults, limits } = names
    const sandbox = new PriorSandbox(module, limits)
    try {
      const json = await sandbox.declaration()
      const declaration = readDeclaration(json, module.file, { name: id, ...defaults })
      const { file, code } = module
      return new ModuleSource({ file, code, id, version, declaration }, sandbox)
    } catch (error) {
      sandbox.close()
      throw error
    }
  }

  /**
   * The module of a project's prior. What the module leaves out is taken from the prior's other fields.
   *
   * @throws ModuleError; PriorError when there is no code; SandboxLost
   */
  static async ofPrior(prior: WrittenPrior): Promise<ModuleSource> {
    const {
      slug: id,
      version,
      implementation: file,
      code,
      name,
      kind,
      description,
      parameters,
      outputs,
    } = prior
    if (code === null) throw new PriorError(`"${id}" has no code; give it a module, such as prior.ts`)
    const defaults = { name, kind, description, parameters, outputs }
    return ModuleSource.open({ file, code }, { id, version, defaults })
  }

  /** One whose declaration is known already. */
  static of(module: DeclaredModule): ModuleSource {
    return new ModuleSource(module, new PriorSandbox({ file: module.file, code: module.code }))
  }

  /**
   * Draw samples. A sample is a function of its seed and the overrides alone.
   *
   * @param overrides already validated
   * @throws ModuleError with the parameters and seed of the sample that failed
   */
  async draw(seeds: readonly number[], overrides: Overrides): Promise<DrawnSample[]> {
    const { declaration } = this.module
    const planned = seeds.map((seed) => {
      const random = Random.fromSeed('sample', seed)
      const parameters = drawParameters(declaration.parameters, overrides, random)
      return { seed, parameters, random: random.state }
    })
    const result = await this.#sandbox.draw(
      planned.map(({ parameters, random }) => ({ parameters: JSON.stringify(parameters), random })),
    )
    const raw = Array.isArray(result) ? result : result.samples
    const samples = raw.map((sample, i) => this.#checked(sample, planned[i]!))
    if (Array.isArray(result)) return samples
    const { parameters, seed } = planned[raw.length]!
    throw result.error.with({ parameters, seed })
  }

  /** Of the sandbox, once it has drawn or declared something. */
  get processId(): number | undefined {
    return this.#sandbox.processId
  }

  close(): void {
    this.#sandbox.close()
  }

  #checked(
    { values, random, logs }: RawSample,
    { seed, parameters }: { seed: number; parameters: ParameterValues },
  ): DrawnSample {
    const { file, declaration } = this.module
    const fault = findFault(values, parameters, declaration)
    if (fault) throw new ModuleError(fault, { kind: 'rule', file, parameters, seed, logs })
    return { seed, parameters, values, random: Random.fromState(random), logs }
  }
}
