import { readdirSync, readFileSync } from 'node:fs'

/**
 * Largest resident memory so far of each process below this one, in MiB by process id. Linux only; empty elsewhere.
 */
export function peakMemoryOfChildren(): Map<number, number> {
  const parents = new Map<number, number>()
  const peaks = new Map<number, number>()
  for (const entry of listProcesses()) {
    const status = readStatus(entry)
    const parent = /^PPid:\s+(\d+)/m.exec(status)?.[1]
    const peak = /^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]
    if (parent === undefined || peak === undefined) continue
    parents.set(Number(entry), Number(parent))
    peaks.set(Number(entry), Number(peak) / 1024)
  }
  const isBelow = (id: number): boolean => {
    const parent = parents.get(id)
    return parent !== undefined && (parent === process.pid || isBelow(parent))
  }
  return new Map([...peaks].filter(([id]) => isBelow(id)))
}

/** Resident memory of a process in MiB. Linux only. @throws Error when there is no such process */
export function residentMiB(id: number): number {
  return figure(id, 'VmRSS')
}

/** Largest resident memory so far of a process in MiB. Linux only. @throws Error when there is no such process */
export function peakMiB(id: number): number {
  return figure(id, 'VmHWM')
}

function figure(id: number, name: 'VmRSS' | 'VmHWM'): number {
  const found = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(readStatus(String(id)))?.[1]
  if (found === undefined) throw new Error(`Expected /proc/${id}/status to state ${name}.`)
  return Number(found) / 1024
}

function listProcesses(): string[] {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  } catch {
    return []
  }
}

/** Empty when the process has ended meanwhile. */
function readStatus(id: string): string {
  try {
    return readFileSync(`/proc/${id}/status`, 'utf8')
  } catch {
    return ''
  }
}
