import { expect, test } from 'vitest'
import { assertFinite } from './assert-finite.ts'

const numbers = (length: number) => Float64Array.from({ length }, (_, i) => (i - 3) / 7)

test('a value that JSON cannot hold is found wherever it is', async () => {
  const values = numbers(600_000)
  await expect(assertFinite({ output: 'mean', values })).resolves.toBeUndefined()
  values[599_999] = Number.NaN
  await expect(assertFinite({ output: 'mean', values })).rejects.toThrow('NaN in mean at 599999')
  const quantiles = [numbers(2), Float64Array.of(1, Number.POSITIVE_INFINITY)]
  await expect(assertFinite({ output: 'quantiles', quantiles })).rejects.toThrow('Infinity')
})
