import { expect, test } from 'vitest'
import { accountOptions } from './account-options.ts'
import { loadConfig } from './config.ts'

const options = (env: Record<string, string>) =>
  accountOptions(loadConfig(env), () => 'http://127.0.0.1:8000')

const SMTP = {
  POSTERIOR_SMTP_URL: 'smtp://mail.example.org',
  POSTERIOR_MAIL_FROM: 'posterior@example.org',
  POSTERIOR_PUBLIC_URL: 'https://p.example.org/',
}

test('by default nobody registers and nobody has to verify an address', () => {
  const { publicUrl, ...rules } = options({})
  expect(rules).toEqual({
    isRegistrationOpen: false,
    isVerificationRequired: false,
    loginLifetimeMs: 90 * 86_400_000,
  })
  expect(publicUrl()).toBe('http://127.0.0.1:8000')
})

test('with a mail server addresses have to be verified, unless the operator says otherwise', () => {
  expect(options(SMTP)).toMatchObject({ isVerificationRequired: true })
  expect(options(SMTP).publicUrl()).toBe('https://p.example.org')
  const waived = { ...SMTP, POSTERIOR_REQUIRE_VERIFIED_EMAIL: 'false' }
  expect(options(waived)).toMatchObject({ isVerificationRequired: false })
})

test('logins may last for ever', () => {
  expect(options({ POSTERIOR_LOGIN_TOKEN_DAYS: '0' }).loginLifetimeMs).toBeNull()
})
