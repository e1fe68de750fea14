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
| \`models/\` | models: a size (\`quick\`, \`steady\`, \`deep\`) or blocks |
| \`evals/\` | how brains are measured |
| \`runs/\` | runs: the prior, the model and the hyperparameters of one brain each |

\`\`\`bash
posterior validate            # check all files
posterior sample ${PRIOR}   # look at what the prior draws
posterior train first         # train the brain of runs/first.yaml
posterior predict first --train known.csv --test new.csv --target y
posterior export              # pack the project as an archive
posterior push --create       # send it to a server
\`\`\`
`
}
