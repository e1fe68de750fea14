/**
 * What ONNX Runtime can compute on. The npm package brings the CPU everywhere, and WebGPU (through Vulkan, Metal or D3D12) but
 * on Linux arm64; the files of CUDA are brought by its install script alone, which is off here, so an operator who wants
 * CUDA runs it. That something was compiled in says nothing of this machine: whether a provider works is tried, in a
 * process of its own, because a driver may take the process down.
 */
import { fork } from 'node:child_process'

export const PROVIDERS = ['cpu', 'webgpu', 'cuda'] as const

export type Provider = (typeof PROVIDERS)[number]

/** What a trial led to. */
export interface ProviderTrial {
  readonly provider: Provider
  /** Null when it works. */
  readonly problem: string | null
}

/** A driver that takes longer to start does not work. */
const LIMIT_MS = 60_000

/** Whether ONNX Runtime multiplies two matrices right on this provider, on this machine. */
export async function tryProvider(provider: Provider): Promise<ProviderTrial> {
  if (provider === 'cpu') return { provider, problem: null }
  const child = fork(new URL('./try-provider.ts', import.meta.url), [provider], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    timeout: LIMIT_MS,
  })
  const problem = await new Promise<string | null>((resolve) => {
    child.once('message', (message: { problem: string | null }) => resolve(message.problem))
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, signal) => resolve(`its trial ended by ${signal ?? `exit code ${code}`}`))
  })
  return { provider, problem }
}

let trials: Promise<readonly ProviderTrial[]> | undefined

/** Every provider, tried once in the life of this process. */
export function tryProviders(): Promise<readonly ProviderTrial[]> {
  trials ??= Promise.all(PROVIDERS.map(tryProvider))
  return trials
}
