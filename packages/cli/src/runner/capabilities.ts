/** What a runner tells of its machine. Nothing is made up: what is not known is not told. */
import { statfs } from 'node:fs/promises'
import { arch, availableParallelism, hostname, platform, totalmem } from 'node:os'
import type { RunnerCapabilities } from '@posterior/contracts'
import { tryProviders } from '@posterior/engine'

const GIB = 2 ** 30

/** The machine, with the room on the disk of `folder`. */
export async function readCapabilities(folder: string, version: string): Promise<RunnerCapabilities> {
  const { bavail, bsize } = await statfs(folder)
  return {
    osArch: `${platform()}-${arch()}`,
    posteriorVersion: version,
    nodeVersion: process.versions.node,
    hostname: hostname(),
    cpus: availableParallelism(),
    memoryGb: round(totalmem() / GIB),
    diskFreeGb: round((bavail * bsize) / GIB),
    providers: (await tryProviders())
      .filter(({ problem }) => problem === null)
      .map(({ provider }) => provider),
  }
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
