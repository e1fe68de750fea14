import { expect, test } from 'vitest'
import { SETTINGS } from './config/settings.ts'
import { ConfigError, describeConfig, loadConfig, renderConfigReference } from './config.ts'

test('without any variable the documented defaults hold', () => {
  expect(loadConfig({})).toMatchObject({
    host: '127.0.0.1',
    port: 8000,
    dataDir: 'posterior-data',
    threads: 0,
  })
})

test('every default that is shown is the default', () => {
  const config = loadConfig({}) as Record<string, unknown>
  for (const [key, setting] of Object.entries(SETTINGS)) {
    if (config[key] !== undefined) expect(String(config[key])).toBe(setting.shown)
  }
})

test('values are read from their text', () => {
  const config = loadConfig({
    POSTERIOR_PORT: '9000',
    POSTERIOR_TRUST_PROXY: 'true',
    POSTERIOR_PUBLIC_URL: 'https://example.org/api/',
    POSTERIOR_DATABASE_URL: 'sqlite:/var/lib/p.sqlite',
    POSTERIOR_BLOB_URL: 'file:///var/lib/blobs',
  })
  expect(config).toMatchObject({
    port: 9000,
    isProxyTrusted: true,
    publicUrl: 'https://example.org/api',
    databaseUrl: '/var/lib/p.sqlite',
    blobUrl: '/var/lib/blobs',
  })
})

test('an empty value means not set', () => {
  expect(loadConfig({ POSTERIOR_PORT: '', POSTERIOR_ADMIN_TOKEN: '' })).toMatchObject({ port: 8000 })
})

test('all problems are told at once, each with what was expected', () => {
  const env = {
    POSTERIOR_PORT: '70000',
    POSTERIOR_THREADS: 'many',
    POSTERIOR_DATABASE_URL: 'postgres://host/db',
    POSTERIOR_MAX_TRAIN_ROW: '5',
  }
  expect(() => loadConfig(env)).toThrow(ConfigError)
  const message = (() => {
    try {
      loadConfig(env)
      return ''
    } catch (error) {
      return (error as Error).message
    }
  })()
  expect(message).toContain('POSTERIOR_PORT: expected a whole number from 0 to 65535, got "70000"')
  expect(message).toContain('POSTERIOR_THREADS: expected a whole number')
  expect(message).toContain('POSTERIOR_DATABASE_URL: expected sqlite:PATH')
  expect(message).toContain(
    'POSTERIOR_MAX_TRAIN_ROW: unknown setting; did you mean POSTERIOR_MAX_TRAIN_ROWS?',
  )
})

test('variables of clients and of other programs are no error', () => {
  expect(() => loadConfig({ POSTERIOR_URL: 'http://x', POSTERIOR_TOKEN: 't', PATH: '/bin' })).not.toThrow()
})

test('a secret is never shown, not even when it is wrong', () => {
  const env = { POSTERIOR_ADMIN_TOKEN: 'a-secret-token' }
  expect(describeConfig(loadConfig(env), env)).toMatch(/POSTERIOR_ADMIN_TOKEN +\(set\) +\(environment\)/)
  expect(describeConfig(loadConfig(env), env)).not.toContain('a-secret-token')
  expect(() => loadConfig({ POSTERIOR_ADMIN_TOKEN: 'short' })).toThrow(/\(set\)/)
  expect(() => loadConfig({ POSTERIOR_ADMIN_TOKEN: 'short' })).not.toThrow(/short/)
})

test('the reference page lists every setting', () => {
  const page = renderConfigReference()
  for (const { env, meaning } of Object.values(SETTINGS)) {
    expect(page).toContain(`\`${env}\``)
    expect(page).toContain(meaning)
  }
})

test('a mail server needs a sender and a public address for its links', () => {
  const smtp = { POSTERIOR_SMTP_URL: 'smtp://user:pass-word@mail.example.org:587' }
  expect(() => loadConfig(smtp)).toThrow(/POSTERIOR_MAIL_FROM[\s\S]*POSTERIOR_PUBLIC_URL/)
  const whole = {
    ...smtp,
    POSTERIOR_MAIL_FROM: 'posterior@example.org',
    POSTERIOR_PUBLIC_URL: 'https://p.example.org',
  }
  expect(describeConfig(loadConfig(whole), whole)).not.toContain('pass-word')
  for (const url of ['mail.example.org', 'http://mail.example.org', 'smtp://']) {
    expect(() => loadConfig({ ...whole, POSTERIOR_SMTP_URL: url })).toThrow(
      /POSTERIOR_SMTP_URL: expected smtp/,
    )
  }
})
