import { expect, test } from 'vitest'
import { detectThreads } from './cpu-limit.ts'

function threads(parallelism: number, files: Record<string, string>): number {
  return detectThreads({ parallelism, readText: (path) => files[path] })
}

test('without control groups the visible processors count', () => {
  expect(threads(8, {})).toBe(8)
})

test('a version 2 quota limits, also when it is set on an ancestor', () => {
  expect(threads(8, { '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/cpu.max': '200000 100000\n' })).toBe(2)
  expect(
    threads(8, {
      '/proc/self/cgroup': '0::/system.slice/posterior.service\n',
      '/sys/fs/cgroup/system.slice/posterior.service/cpu.max': 'max 100000\n',
      '/sys/fs/cgroup/system.slice/cpu.max': '300000 100000\n',
    }),
  ).toBe(3)
})

test('a version 1 quota limits, found under either mount name or at the mount root', () => {
  const group = '4:cpu,cpuacct:/docker/abc\n3:memory:/docker/abc\n'
  expect(
    threads(16, {
      '/proc/self/cgroup': group,
      '/sys/fs/cgroup/cpu,cpuacct/docker/abc/cpu.cfs_quota_us': '400000\n',
      '/sys/fs/cgroup/cpu,cpuacct/docker/abc/cpu.cfs_period_us': '100000\n',
    }),
  ).toBe(4)
  expect(
    threads(16, {
      '/proc/self/cgroup': group,
      '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '600000',
      '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000',
    }),
  ).toBe(6)
})

test('no quota, shown as max or -1, does not limit', () => {
  expect(threads(4, { '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/cpu.max': 'max 100000\n' })).toBe(4)
  expect(
    threads(4, {
      '/proc/self/cgroup': '1:cpu:/\n',
      '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1\n',
      '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
    }),
  ).toBe(4)
})

test('a fraction of a processor is one thread, one and a half are two, and a quota never adds processors', () => {
  const quota = (text: string) => ({ '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/cpu.max': text })
  expect(threads(8, quota('20000 100000'))).toBe(1)
  expect(threads(8, quota('150000 100000'))).toBe(2)
  expect(threads(2, quota('900000 100000'))).toBe(2)
})

test('on this machine the answer is a whole number of at least 1', () => {
  expect(detectThreads()).toBeGreaterThanOrEqual(1)
  expect(Number.isInteger(detectThreads())).toBe(true)
})
