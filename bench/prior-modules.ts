/**
 * What a sample of a module costs, in processor time of everything that draws it, beside the catalogue's:
 * `node bench/prior-modules.ts`.
 */
import { readFileSync } from 'node:fs'
import { findPrior, ModuleSource, sampleModule, samplePrior } from '@posterior/prior'

const SAMPLES = 100
const ROUNDS = 5

const LINE = readFileSync(new URL('../examples/priors/linear-regression/prior.ts', import.meta.url), 'utf8')
const OUTPUTS = `outputs: [{ name: 'X', shape: '(num_points, 1)' }, { name: 'y', shape: '(num_points)' }]`
const MODULES: Record<string, { code: string; catalogue: string }> = {
  'line, one draw at a time': {
    catalogue: 'linear-regression',
    code: `export default definePrior({ ${OUTPUTS},
      parameters: { num_points: { type: 'int', range: [50, 200] } },
      sample(random, { num_points }) {
        const [a, b] = [random.uniform(-1, 1), random.uniform(-1, 1)]
        const x = Array.from({ length: num_points }, () => random.uniform(-2, 2))
        return { X: x.map((value) => [value]), y: x.map((value) => a * value + b + 0.1 * random.normal()) }
      } })`,
  },
  'line, inputs drawn at once': { catalogue: 'linear-regression', code: LINE },
  'Gaussian process': {
    catalogue: 'gp-regression',
    code: `export default definePrior({ ${OUTPUTS},
      parameters: { num_points: { type: 'int', range: [40, 120] } },
      sample(random, { num_points }) {
        const scales = { lengthScale: random.uniform(0.2, 1.5), variance: random.uniform(0.5, 2) }
        const x = random.uniforms(num_points, -3, 3).sort()
        const f = random.multivariateNormal(new Float64Array(num_points), linalg.squaredExponential(x, scales))
        return { X: Array.from(x, (value) => [value]), y: f.map((value) => value + 0.1 * random.normal()) }
      } })`,
  },
}

/** Of this process and of those that it has started and that have ended. */
function processorMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** A process's own time in ms, of all its threads; Linux. */
function childMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
  return 10 * (Number(fields[11]) + Number(fields[12]))
}

for (const [name, { code, catalogue }] of Object.entries(MODULES)) {
  const source = await ModuleSource.open({ file: 'prior.ts', code }, { id: 'bench' })
  const time = () => processorMs() + childMs(source.processId!)
  await sampleModule(source, { count: SAMPLES })
  const before = time()
  for (let round = 0; round < ROUNDS; round++)
    await sampleModule(source, { count: SAMPLES, seed: round * SAMPLES })
  const module = (time() - before) / (ROUNDS * SAMPLES)
  source.close()
  const prior = findPrior(catalogue)!
  samplePrior(prior, { count: SAMPLES })
  const start = processorMs()
  for (let round = 0; round < ROUNDS; round++) samplePrior(prior, { count: SAMPLES, seed: round * SAMPLES })
  const inside = (processorMs() - start) / (ROUNDS * SAMPLES)
  console.log(`${name}: module ${module.toFixed(2)} ms, catalogue ${inside.toFixed(2)} ms per sample`)
}
