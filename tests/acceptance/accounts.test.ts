/** The way of a new user, as an operator and the user go it: added on the command line, password by link, login, removal. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { runPosterior } from '../support/run-command.ts'
import { startServer, type TestServer } from '../support/start-server.ts'

const PASSWORD = 'Correct-horse-1'
const folder = mkdtempSync(join(tmpdir(), 'posterior-accounts-'))
let server: TestServer | undefined

afterAll(async () => {
  await server?.stop()
  rmSync(folder, { recursive: true, force: true })
})

async function posterior(args: string[], env: Record<string, string>): Promise<string> {
  const { code, stdout, stderr } = await runPosterior(args, { env })
  expect({ args, code, stderr }).toMatchObject({ code: 0 })
  return stdout.trim()
}

test('a user is added while the server is down, sets a password by a link, logs in, and is removed', async () => {
  const dataDir = join(folder, 'data')
  const inFolder = { POSTERIOR_DATA_DIR: dataDir, POSTERIOR_URL: '', POSTERIOR_TOKEN: '' }
  server = await startServer({ dataDir })
  await server.stop()
  const token = await posterior(['users', 'add', 'ada@example.org'], inFolder)
  server = await startServer({ dataDir })
  const { url } = server
  const through = { POSTERIOR_URL: url, POSTERIOR_TOKEN: server.token }
  const statusOf = async (bearer: string) =>
    (await fetch(`${url}/protected/`, { headers: { authorization: `Bearer ${bearer}` } })).status
  expect(await statusOf(token)).toBe(200)

  const link = new URL(await posterior(['users', 'reset-password', 'ada@example.org'], through))
  const page = await (await fetch(link, { headers: { accept: 'text/html' } })).text()
  const code = /name="token" value="([^"]+)"/.exec(page)?.[1] ?? ''
  const form = new URLSearchParams({ token: code, password: PASSWORD, password_confirm: PASSWORD })
  expect((await fetch(link, { method: 'POST', body: form })).status).toBe(200)
  const login = await fetch(`${url}/auth/login/`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'password', username: 'ada@example.org', password: PASSWORD }),
  })
  const { access_token: session } = (await login.json()) as { access_token: string }
  expect(await statusOf(session)).toBe(200)

  await posterior(['users', 'remove', 'ada@example.org', '--yes'], through)
  expect([await statusOf(token), await statusOf(session)]).toEqual([401, 401])
}, 180_000)
