/** Users and tokens from the command line, with a server and without one, on the same data folder. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Predictor, type RunningServer, startServer } from '@posterior/server'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runInProcess } from '../testing/run-in-process.ts'

const ADMIN_TOKEN = 'test-admin-token'
const UNKNOWN = '00000000-0000-4000-8000-000000000000'
const folder = mkdtempSync(join(tmpdir(), 'posterior-accounts-'))
const dataDir = join(folder, 'data')
let server: RunningServer | undefined

/** Nothing is predicted here. */
const predictor: Predictor = {
  models: async () => [],
  fit: () => Promise.reject(new Error('no engine')),
  predict: () => Promise.reject(new Error('no engine')),
  answer: () => Promise.reject(new Error('no engine')),
  forecast: () => Promise.reject(new Error('no engine')),
  discover: () => Promise.reject(new Error('no engine')),
  close: async () => {},
}

async function start(): Promise<void> {
  const env = {
    POSTERIOR_PORT: '0',
    POSTERIOR_DATA_DIR: dataDir,
    POSTERIOR_ADMIN_TOKEN: ADMIN_TOKEN,
    POSTERIOR_LOG_LEVEL: 'silent',
  }
  server = await startServer({ env, predictor })
}

async function stop(): Promise<void> {
  await server?.close()
  server = undefined
}

/** Run a command line in this process. */
async function command(args: readonly string[], env: Record<string, string> = {}) {
  const { code, stdout, stderr } = await runInProcess(args, { env: { POSTERIOR_DATA_DIR: dataDir, ...env } })
  return { code, stdout: stdout.trim(), stderr: stderr.trim() }
}

async function done(args: readonly string[], env?: Record<string, string>): Promise<string> {
  const result = await command(args, env)
  expect(result, result.stderr).toMatchObject({ code: 0 })
  return result.stdout
}

const statusOf = async (token: string) =>
  (await fetch(`${server?.url}/protected/`, { headers: { authorization: `Bearer ${token}` } })).status

afterAll(async () => {
  await stop()
  rmSync(folder, { recursive: true, force: true })
})

test('a folder that no server has used is not made by accident', async () => {
  const { code, stderr } = await command(['users'])
  expect([code, stderr]).toEqual([1, expect.stringContaining('Start the server once')])
})

describe('in the data folder of a stopped server', () => {
  beforeAll(async () => {
    await start()
    await stop()
  })

  test('a user is added and listed, with a token that is printed alone on stdout', async () => {
    const token = await done(['users', 'add', 'Ada@example.org', '--name', 'Ada'])
    expect(token).toMatch(/^pst_[\w-]{43}$/)
    const users = JSON.parse(await done(['users', '--json']))
    expect(users.map((user: { email: string; name: string }) => [user.email, user.name])).toEqual([
      [null, 'admin'],
      ['ada@example.org', 'Ada'],
    ])
    expect(await done(['users', 'list'])).toMatch(/ada@example\.org +Ada +user/)
    await start()
    expect(await statusOf(token)).toBe(200)
    await stop()
  })

  test('an administrator is added with --admin', async () => {
    const user = JSON.parse(await done(['users', 'add', 'deputy', '--admin', '--json']))
    expect(user).toMatchObject({ name: 'deputy', email: null, is_admin: true })
    await done(['users', 'remove', user.id, '--yes'])
  })

  test('tokens are made for a user, listed without their texts, and revoked', async () => {
    const args = ['tokens', 'create', 'line 4', '--user', 'ada@example.org', '--days', '30', '--json']
    const made = JSON.parse(await done(args))
    const listed = await done(['tokens', '--user', 'Ada'])
    expect(listed).toMatch(new RegExp(`${made.id} +line 4 +api`))
    expect(listed).not.toContain(made.token)
    await done(['tokens', 'revoke', made.id, '--user', 'Ada'])
    expect(await done(['tokens', '--user', 'Ada'])).not.toContain('line 4')
  })

  test('a command leaves no token of its own behind, nor the folder locked', async () => {
    await done(['users'])
    const labels = JSON.parse(await done(['tokens', '--json'])).map(({ label }: { label: string }) => label)
    expect(labels).toEqual(['preset', 'command line'])
  })

  test.each([
    [['users', 'invite'], 2, 'list, add, remove, reset-password'],
    [['users', 'add'], 2, 'needs a user'],
    [['users', 'list', 'Ada'], 2, 'one argument too many'],
    [['users', 'remove', 'Ada'], 1, '--yes'],
    [['users', 'remove', 'nobody', '--yes'], 1, "no user 'nobody'"],
    [['users', 'remove', 'admin', '--yes'], 1, 'only administrator'],
    [['users', 'add', 'ada@example.org'], 1, 'Log in'],
    [['users', 'add', 'not@an@address'], 1, 'must be an e-mail address'],
    [['users', 'reset-password', 'admin'], 1, 'no e-mail address'],
    [['tokens', 'create'], 2, 'needs a label'],
    [['tokens', 'revoke', UNKNOWN], 1, 'not found'],
    [['tokens', 'revoke', '../users'], 1, 'must be a UUID'],
  ] as const)('%j is told what to do', async (args, code, text) => {
    const result = await command(args)
    expect([result.code, result.stderr]).toEqual([code, expect.stringContaining(text)])
  })
})

describe('while a server uses the folder', () => {
  beforeAll(start)

  test('the command says how to go through it', async () => {
    const { code, stderr } = await command(['users'])
    expect([code, stderr]).toEqual([1, expect.stringContaining('set POSTERIOR_TOKEN')])
  })

  test("it goes through the server with an administrator's token", async () => {
    const through = { POSTERIOR_TOKEN: ADMIN_TOKEN, POSTERIOR_URL: `${server?.url}/` }
    const token = await done(['users', 'add', 'bob@example.org'], through)
    expect(await statusOf(token)).toBe(200)
    const link = new URL(await done(['users', 'reset-password', 'bob@example.org'], through))
    expect(link.origin).toBe(server?.url)
    await done(['users', 'remove', 'bob@example.org', '--yes'], through)
    expect(await statusOf(token)).toBe(401)
  })

  test('it finds the server of the folder by the settings', async () => {
    const { port } = new URL(server?.url ?? '')
    const env = { POSTERIOR_ADMIN_TOKEN: ADMIN_TOKEN, POSTERIOR_PORT: port }
    expect(await done(['users'], env)).toContain('admin')
  })

  test('a wrong token, a wrong address and a missing token are told apart', async () => {
    const url = server?.url ?? ''
    const outcome = async (at: string, env: Record<string, string>) =>
      (await command(['users', '--url', at], env)).stderr
    expect(await outcome(url, { POSTERIOR_TOKEN: 'pst_wrong' })).toContain("administrator's token")
    expect(await outcome('http://127.0.0.1:9', { POSTERIOR_TOKEN: 'x' })).toContain('no answer from')
    expect(await outcome(url, {})).toContain('Set POSTERIOR_TOKEN')
  })
})
