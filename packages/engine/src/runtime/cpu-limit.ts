/**
 * How many threads a computation may use: the processors that the scheduler lets this process see (affinity, cpuset),
 * or fewer where a container has a CPU quota. A quota shows in the control group's files and nowhere else; it may be set
 * on any ancestor of the group, so all of them are read.
 *
 *   v2  /sys/fs/cgroup/<group>/cpu.max               "200000 100000" or "max 100000" (microseconds per period)
 *   v1  /sys/fs/cgroup/cpu/<group>/cpu.cfs_quota_us  "200000" or "-1", and cpu.cfs_period_us
 */
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'

/** Where the limits are read from; replaced in tests. */
export interface CpuLimitSources {
  /** Content of a file, or undefined when it cannot be read. */
  readText(path: string): string | undefined
  /** Processors that this process may run on. */
  readonly parallelism: number
}

const SYSTEM: CpuLimitSources = {
  readText(path) {
    try {
      return readFileSync(path, 'utf8')
    } catch {
      return undefined
    }
  },
  get parallelism() {
    return availableParallelism()
  },
}

/**
 * Threads to use on this machine, at least 1. A fractional quota is rounded up: with threads that do not spin the
 * quota is then used whole, where rounding down would leave part of it idle.
 */
export function detectThreads(sources: CpuLimitSources = SYSTEM): number {
  const groups = sources.readText('/proc/self/cgroup') ?? ''
  let limit = sources.parallelism
  for (const line of groups.split('\n')) {
    const match = /^\d+:([^:]*):(\/.*)$/.exec(line)
    if (!match) continue
    const controllers = match[1]!
    const isV2 = controllers === ''
    if (!isV2 && !controllers.split(',').includes('cpu')) continue
    const mounts = isV2 ? [''] : [`/${controllers}`, '/cpu']
    for (const mount of mounts) {
      for (const group of withAncestors(match[2]!)) {
        const folder = `/sys/fs/cgroup${mount}${group}`
        const quota = isV2 ? readV2(sources, folder) : readV1(sources, folder)
        if (quota !== undefined) limit = Math.min(limit, Math.ceil(quota))
      }
    }
  }
  return Math.max(1, limit)
}

/** '/a/b' gives '/a/b', '/a' and '' (inside a container the group's own path is often not mounted, only its root). */
function withAncestors(group: string): string[] {
  const parts = group.split('/').filter((part) => part !== '' && part !== '..')
  return Array.from({ length: parts.length + 1 }, (_, i) =>
    parts
      .slice(0, parts.length - i)
      .map((part) => `/${part}`)
      .join(''),
  )
}

function readV2(sources: CpuLimitSources, folder: string): number | undefined {
  const [quota, period] = (sources.readText(`${folder}/cpu.max`) ?? '').trim().split(/\s+/)
  return quotaOf(quota, period)
}

function readV1(sources: CpuLimitSources, folder: string): number | undefined {
  return quotaOf(
    sources.readText(`${folder}/cpu.cfs_quota_us`)?.trim(),
    sources.readText(`${folder}/cpu.cfs_period_us`)?.trim(),
  )
}

/** Processors' worth of time, or undefined when there is no limit ('max', -1, unreadable). */
function quotaOf(quotaText: string | undefined, periodText: string | undefined): number | undefined {
  const quota = Number(quotaText)
  const period = Number(periodText)
  return quota > 0 && period > 0 ? quota / period : undefined
}
