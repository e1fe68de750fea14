/** From latents to class labels: quantile cuts, nearest centre, or sampling from a softmax. */

import type { Random } from '@posterior/tabular'
import { cutPoints, findBin } from './observe.ts'
import { drawIndex, drawShares } from './weights.ts'

/** How one dataset's classes come about, decided before the family draws so that it knows how many latents to make. */
export interface ClassPlan {
  classes: number
  method: 'cuts' | 'centres' | 'softmax'
  latents: number
}

/** 45 % binary, otherwise 3 to `mostClasses`, fewer classes more often. */
export function planClasses(mostClasses: number, random: Random): ClassPlan {
  const isBinary = mostClasses < 3 || random.bool(0.45)
  const classes = isBinary ? 2 : Math.floor(random.logUniform(3, mostClasses + 1))
  // Cuts of one scalar make ordered classes, which several classes of a real table seldom are.
  const kind = random.uniform(classes === 2 ? 0 : 0.2, 1)
  if (kind < 0.4) return { classes, method: 'cuts', latents: 1 }
  if (kind < 0.6) return { classes, method: 'centres', latents: random.int(1, 4) }
  return { classes, method: 'softmax', latents: classes === 2 ? 1 : Math.min(classes, 5) }
}

/**
 * Labels 0..classes-1 in random order; a class may come out empty.
 *
 * @param latents standardised, plan.latents of them
 * @param noise standard deviation of what is added to the latents, in units of theirs
 */
export function labelsFromLatents(
  latents: readonly Float64Array[],
  plan: ClassPlan,
  { noise, random }: { noise: number; random: Random },
): Int32Array {
  const noisy = latents.map((latent) => latent.map((value) => value + noise * random.normal()))
  const names = random.permutation(plan.classes)
  const labels = METHODS[plan.method](noisy, plan.classes, random)
  return labels.map((label) => names[label]!)
}

const METHODS = { cuts: byCuts, centres: byCentres, softmax: bySoftmax } as const

function byCuts(latents: readonly Float64Array[], classes: number, random: Random): Int32Array {
  const concentration = random.logUniform(0.5, 12)
  const cuts = cutPoints(latents[0]!, drawShares(classes, random, { concentration, floor: 0.12 }))
  return Int32Array.from(latents[0]!, (value) => findBin(cuts, value))
}

/** The nearest of one to three centres per class; centres are rows, so that each of them owns some. */
function byCentres(latents: readonly Float64Array[], classes: number, random: Random): Int32Array {
  const rows = latents[0]!.length
  const perClass = random.bool(0.6) ? 1 : random.int(2, 4)
  const centres = Array.from({ length: classes * perClass }, () => random.int(0, rows))
  const labels = new Int32Array(rows)
  for (let i = 0; i < rows; i++) {
    let nearest = Infinity
    centres.forEach((centre, c) => {
      let distance = 0
      for (const latent of latents) distance += (latent[i]! - latent[centre]!) ** 2
      if (distance < nearest) {
        nearest = distance
        labels[i] = c % classes
      }
    })
  }
  return labels
}

function bySoftmax(latents: readonly Float64Array[], classes: number, random: Random): Int32Array {
  const rows = latents[0]!.length
  const sharpness = random.logUniform(2.5, 50)
  const bias = random.fillNormal(new Float64Array(classes))
  const biasScale = sharpness * random.uniform(0, 1.1)
  const weights = Array.from({ length: classes }, (_, c) =>
    drawClassWeights(latents.length, c, classes, random),
  )
  const labels = new Int32Array(rows)
  const odds = new Float64Array(classes)
  for (let i = 0; i < rows; i++) {
    let highest = -Infinity
    for (let c = 0; c < classes; c++) {
      let logit = biasScale * bias[c]!
      for (let d = 0; d < latents.length; d++) logit += sharpness * weights[c]![d]! * latents[d]![i]!
      odds[c] = logit
      if (logit > highest) highest = logit
    }
    let sum = 0
    for (let c = 0; c < classes; c++) sum += odds[c] = Math.exp(odds[c]! - highest)
    for (let c = 0; c < classes; c++) odds[c]! /= sum
    labels[i] = drawIndex(odds, random)
  }
  return labels
}

/** With as many latents as classes each class has its own; otherwise random directions, opposite ones for two classes. */
function drawClassWeights(latents: number, label: number, classes: number, random: Random): Float64Array {
  const weights = new Float64Array(latents)
  if (latents === classes) weights[label] = 1
  else if (classes === 2) weights[0] = label === 0 ? -0.5 : 0.5
  else random.fillNormal(weights)
  return weights
}
