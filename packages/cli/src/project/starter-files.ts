/** The project that `posterior init` writes. */
import { requirePrior } from '@posterior/prior'
import { runDocument, yamlOf } from '@posterior/project'

/** A file to write; `path` is relative to the project. */
export interface StarterFile {
  path: string
  text: string
}

/** The catalogue's prior that the first run trains on. */
const PRIOR = 'linear-regression'

/** A prior of the project's own, to be changed. */
const BENDS = {
  ...{ id: 'bends', name: 'Bends', version: '0.1.0', kind: 'tabular' },
  parameters: {
    num_points: { type: 'int', range: [40, 80], description: 'Rows of a task.' },
    noise: { type: 'float', range: [0.05, 0.3], description: 'Standard deviation of the noise.' },
  },
  outputs: {
    variables: [
      { name: 'X', type: 'tensor', shape: '(num_points, 2)' },
      { name: 'y', type: 'tensor', shape: '(num_points)' },
    ],
  },
  implementation: 'prior.ts',
  description: 'One column acts up to a bend, the other evenly.',
}

const BENDS_CODE = `export const prior = definePrior({
  // One task of this world: rows, and the answers to them. What is random is drawn from \`random\`.
  sample(random, { num_points, noise }) {
    const bend = random.uniform(0.5, 3)
    const X = Array.from({ length: num_points }, () => [random.uniform(-1, 1), random.normal()])
    const y = X.map(([dose, rest]) => Math.tanh(bend * dose) + 0.5 * rest + noise * random.normal())
    return { X, y }
  },
})
`

/** Files of the starter, in the order in which they are worth reading. */
export function starterFiles({ name, slug }: { name: string; slug: string }): StarterFile[] {
  const prior = requirePrior(PRIOR)
  const model = { id: 'small', name: 'Small', version: '0.1.0' }
  const evaluation = { id: 'in-context-regression-ols', name: 'Beside least squares', version: '0.1.0' }
  return [
    { path: 'README.md', text: readme(name) },
    { path: 'project.yaml', text: yamlOf({ name, slug, description: 'Brains that learn straight lines.' }) },
    {
      path: 'models/small.yaml',
      text: yamlOf({
        ...model,
        blocks: [],
        description: 'The smallest size, minutes on a CPU.',
        size: 'quick',
      }),
    },
    {
      path: `evals/${evaluation.id}.yaml`,
      text: yamlOf({
        ...evaluation,
        task: 'regression',
        dataset: { name: PRIOR, split: 'test', kind: 'synthetic' },
        metrics: [
          { name: 'ratio_vs_ols', higher_is_better: false },
          { name: 'ratio_vs_mean', higher_is_better: false },
        ],
        description: 'Tasks of the prior that no run trains on, answered by the brain and by least squares.',
      }),
    },
    {
      path: 'runs/first.yaml',
      text: yamlOf(
        runDocument({
          slug: 'first',
          description: 'A brain for straight lines.',
          prior: { slug: prior.slug, version: prior.version, overrides: { noise_scale: [0.05, 0.3] } },
          model: { slug: model.id, version: model.version },
          evals: [{ slug: evaluation.id, version: evaluation.version }],
          hyperparams: { steps: 1_000, seed: 1 },
        }),
      ),
    },
    { path: 'priors/bends/prior.yaml', text: yamlOf(BENDS) },
    { path: 'priors/bends/prior.ts', text: BENDS_CODE },
    {
      path: 'priors/bends/prior.md',
      text: '# Bends\n\nWhat is measured saturates: twice the dose is not twice the effect.\n',
    },
    {
      path: 'runs/bends.yaml',
      text: yamlOf(
        runDocument({
          slug: 'bends',
          description: 'A brain for the prior of this project.',
          prior: { slug: BENDS.id, version: BENDS.version, overrides: {} },
          model: { slug: model.id, version: model.version },
          evals: [{ slug: evaluation.id, version: evaluation.version }],
          hyperparams: { steps: 1_000, seed: 1 },
        }),
      ),
    },
    // Brains are large, and made again from what is here.
    { path: '.gitignore', text: 'runs/*/\n*.tar.gz\n' },
  ]
}

function readme(name: string): string {
  return `# ${name}

A project of the studio: what a small network, a *brain*, is made from.

| path | holds |
| --- | --- |
| \`project.yaml\` | name and slug of the project |
| \`priors/\` | a prior of your own: code that draws tasks like yours |
| \`models/\` | models: a size (\`quick\`, \`steady\`, \`deep\`) or blocks |
| \`evals/\` | how brains are measured |
| \`runs/\` | runs: the prior, the model and the hyperparameters of one brain each |

\`\`\`bash
posterior validate            # check all files
posterior sample ${PRIOR}   # look at what the prior draws
posterior sample bends        # and the prior of this project
posterior train first         # train the brain of runs/first.yaml
posterior predict first --train known.csv --test new.csv --target y
posterior export              # pack the project as an archive
posterior push --create       # send it to a server
\`\`\`
`
}
