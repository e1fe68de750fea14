import type { Command } from '../command.ts'

/** `posterior sample`: look at what a prior draws. */
export const sampleCommand: Command = {
  name: 'sample',
  summary: 'Draw samples of a prior.',
  description: [
    'Draw samples of a prior, of the project in the current folder or else of the catalogue, and show their parameters and the rows of the first one. Sample i is drawn from the seed plus i, so the same command shows the same samples.',
    'Parameters that have a range are drawn anew for every sample. --set noise_scale=0.1 fixes one, --set noise_scale=0.1..0.3 gives another range.',
  ],
  positionals: [{ name: '[PRIOR]', summary: 'Id or slug; without it, the priors that there are.' }],
  options: [
    { name: 'count', kind: 'integer', value: 'N', min: 1, max: 100, defaultText: '9', summary: 'Samples.' },
    {
      name: 'seed',
      kind: 'integer',
      value: 'N',
      min: 0,
      defaultText: '42',
      summary: 'Seed of the first sample.',
    },
    {
      name: 'set',
      kind: 'string',
      value: 'NAME=VALUE',
      isList: true,
      summary: 'A value of a parameter, or a range LEAST..MOST to draw it from.',
    },
    {
      name: 'dir',
      kind: 'string',
      value: 'DIR',
      defaultText: 'the current folder',
      summary: 'Folder of the project.',
    },
    { name: 'json', kind: 'flag', summary: 'Print the whole samples as JSON.' },
  ],
  examples: [
    'npx posterior sample',
    'npx posterior sample linear-regression --count 3 --set noise_scale=0.1',
    'npx posterior sample gp-regression --set num_points=40..60 --json',
  ],
  async run(values, [prior], context) {
    const { samplePriorCommand } = await import('../project/sample-prior.ts')
    return await samplePriorCommand({ values, prior, context })
  },
}
