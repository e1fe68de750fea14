/** From a latent to a regression target: noise and the marginal shapes of real targets. */

import type { Random } from '@posterior/tabular'
import { standardise } from './standardise.ts'

/**
 * A finite target per row, not yet standardised by the training rows.
 *
 * @param latent standardised signal
 * @param noise standard deviation of the noise in units of the signal's
 */
export function regressionTarget(
  latent: Float64Array,
  { noise, easy, random }: { noise: number; easy: boolean; random: Random },
): Float64Array {
  const y = latent.slice()
  addNoise(y, noise, easy ? 0.5 : random.uniform(), random)
  standardise(y)
  if (!easy) warp(y, random)
  if (!easy && random.bool(0.05)) addOutliers(y, random)
  return y
}

/** Normal noise; for a tenth each (by `kind`) it grows with the signal or has Student's tails. */
function addNoise(y: Float64Array, noise: number, kind: number, random: Random): void {
  const slope = kind < 0.1 ? random.uniform(0.3, 1) : 0
  const tail = kind > 0.9 ? random.uniform(3, 6) : 0
  for (let i = 0; i < y.length; i++) {
    const scale = noise * Math.exp(slope * y[i]!)
    y[i]! += scale * (tail > 0 ? random.studentT(tail) : random.normal())
  }
}

function warp(y: Float64Array, random: Random): void {
  const kind = random.uniform()
  if (kind < 0.5) return
  const strength = random.uniform(0.3, 1.2)
  const sign = random.bool(0.85) ? 1 : -1
  const cut = random.uniform(-0.7, 0.5)
  const steps = random.logUniform(1, 15)
  for (let i = 0; i < y.length; i++) {
    const value = y[i]!
    if (kind < 0.68) y[i] = sign * Math.exp(strength * sign * value)
    else if (kind < 0.73) y[i] = Math.sinh(strength * value)
    else if (kind < 0.8) y[i] = Math.sign(value) * Math.abs(value) ** (0.5 + strength)
    else if (kind < 0.85) y[i] = Math.max(0, value - cut)
    else if (kind < 0.95) y[i] = Math.round(steps * value)
    else y[i] = 1 / (1 + Math.exp(-2.5 * strength * value))
  }
}

function addOutliers(y: Float64Array, random: Random): void {
  const share = random.logUniform(0.003, 0.02)
  const size = random.logUniform(3, 20)
  for (let i = 0; i < y.length; i++) if (random.bool(share)) y[i]! *= size
}
