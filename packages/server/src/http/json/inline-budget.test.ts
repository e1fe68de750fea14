import { expect, test } from 'vitest'
import { InlineBudget } from './inline-budget.ts'

test('requests together may hold so many bytes, and what one gives back another may take', () => {
  const budget = new InlineBudget(100)
  const [first, second] = [budget.open(), budget.open()]
  first.take(60)
  second.take(40)
  expect(() => second.take(1)).toThrow(expect.objectContaining({ code: 'SERVER_BUSY' }))
  first.close()
  second.take(60)
  second.close()
  second.close()
  const third = budget.open()
  third.take(100)
})

test('a request that is alone is not refused', () => {
  const share = new InlineBudget(10).open()
  share.take(8)
  share.take(8)
})
