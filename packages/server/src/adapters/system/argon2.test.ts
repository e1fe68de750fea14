import { expect, test } from 'vitest'
import { Argon2Hasher } from './argon2.ts'

const CHEAP = { memoryKiB: 64, passes: 1, lanes: 1 }
const cheap = new Argon2Hasher(CHEAP)

test('a password is known by its hash, which differs each time and holds its parameters', async () => {
  const [first, second] = [await cheap.hash('Secret-1'), await cheap.hash('Secret-1')]
  expect(first).toMatch(/^\$argon2id\$v=19\$m=64,t=1,p=1\$[\w+/]{22}\$[\w+/]{43}$/)
  expect(first).not.toBe(second)
  expect(await cheap.verify('Secret-1', first)).toEqual({ isCorrect: true, isOutdated: false })
  expect((await cheap.verify('Secret-2', first)).isCorrect).toBe(false)
})

test('the default costs what OWASP recommends', async () => {
  expect(await new Argon2Hasher().hash('x')).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
})

test('the hash is that of the reference implementation', async () => {
  // Known answer of the reference implementation: argon2id, 64 MiB, 2 passes, salt "somesalt".
  const reference = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'
  expect((await cheap.verify('password', reference)).isCorrect).toBe(true)
})

test('a hash with other parameters is still checked, and reported as outdated', async () => {
  const old = await cheap.hash('Secret-1')
  const dearer = new Argon2Hasher({ ...CHEAP, passes: 2 })
  expect(await dearer.verify('Secret-1', old)).toEqual({ isCorrect: true, isOutdated: true })
})

test('without a stored hash the answer is no', async () => {
  expect((await cheap.verify('Secret-1', null)).isCorrect).toBe(false)
})

test('composed and decomposed letters are the same password', async () => {
  expect((await cheap.verify('e\u0301', await cheap.hash('\u00e9'))).isCorrect).toBe(true)
})

test.each(['', 'plain', '$argon2id$v=19$m=99999999,t=1,p=1$c29tZXNhbHQ$AAAA'])(
  'a damaged hash is an error: %s',
  async (stored) => {
    await expect(cheap.verify('x', stored)).rejects.toThrow('damaged')
  },
)

test('only so many wait for their turn; more are told to come back', async () => {
  const all = await Promise.allSettled(Array.from({ length: 80 }, () => cheap.hash('x')))
  const refused = all.filter((one) => one.status === 'rejected')
  expect(refused.length).toBe(80 - 2 - 64)
  expect(refused[0]?.reason).toMatchObject({ code: 'SERVER_BUSY' })
  await expect(cheap.hash('x')).resolves.toBeTypeOf('string')
})
