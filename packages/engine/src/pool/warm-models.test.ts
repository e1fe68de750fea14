import { expect, it } from 'vitest'
import { WarmModels } from './warm-models.ts'

it('gives the same list until a model or the others change', () => {
  const warm = new WarmModels()
  const others = ['context']
  warm.note('a')
  const list = warm.and(others)
  expect(list).toEqual(['a', 'context'])
  warm.note('a')
  expect(warm.and(others)).toBe(list)
  warm.note('b')
  expect(warm.and(others)).toEqual(['a', 'b', 'context'])
  expect(warm.and([])).toEqual(['a', 'b'])
})

it('forgets the model that was not used for longest', () => {
  const warm = new WarmModels()
  for (let i = 0; i < 16; i++) warm.note(`m${i}`)
  warm.note('m0')
  warm.note('new')
  const list = warm.and([])
  expect(list).toHaveLength(16)
  expect(list).toContain('m0')
  expect(list).not.toContain('m1')
})
