import { expect, test } from 'vitest'
import { emailSchema } from './auth.ts'
import { PASSWORD_REQUIREMENTS, passwordProblem } from './password.ts'

test('the policy is written as clients read it', () => {
  expect(PASSWORD_REQUIREMENTS).toEqual(['Length(8)', 'Uppercase(1)', 'Numbers(1)', 'Special(1)'])
})

test.each([
  ['Abcdef1!', undefined],
  ['Äbcdef1 ', undefined],
  ['Abc1!', '8 characters'],
  ['abcdef1!', '1 upper-case letter'],
  ['Abcdefg!', '1 digit'],
  ['Abcdefg1', 'neither letter nor digit'],
  [`Ab1!${'x'.repeat(125)}`, 'at most 128'],
])('%s: %s', (password, problem) => {
  if (problem === undefined) expect(passwordProblem(password)).toBeUndefined()
  else expect(passwordProblem(password)).toContain(problem)
})

test('a character outside the first plane counts as one', () => {
  expect(passwordProblem('A1😀😀😀😀')).toContain('8 characters')
})

test('an address is compared without spaces and case', () => {
  expect(emailSchema.parse('  Ada@Example.ORG ')).toBe('ada@example.org')
})

test.each([
  '',
  'ada',
  'ada@',
  '@example.org',
  'a b@example.org',
  'ada@example.org,eve@example.org',
  `${'a'.repeat(250)}@example.org`,
])('this is no address: %s', (text) => {
  expect(emailSchema.safeParse(text).success).toBe(false)
})
