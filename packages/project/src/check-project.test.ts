import { expect, test } from 'vitest'
import { type CheckHooks, checkProject } from './check-project.ts'
import { RecipeError } from './run-recipe.ts'

const GOOD = {
  'project.yaml': 'name: "Lines"\nslug: "lines"\n',
  'models/small.yaml': 'id: "small"\nname: "Small"\nversion: "1.0.0"\nblocks: []\nsize: "quick"\n',
  'evals/held-out.yaml':
    'id: "held-out"\nname: "Held out"\nversion: "1.0.0"\ntask: "regression"\ndataset:\n  name: "lines"\nmetrics:\n  - name: "rmse"\ncitations: ["gauss"]\n',
  'literature/references.bib': '@article{gauss,\n  title = {Theoria}\n}\n',
  'runs/first.yaml':
    'id: "first"\nprior:\n  id: "linear-regression"\n  version: "1.0.0"\nmodel:\n  id: "small"\n  version: "1.0.0"\nevals:\n  - id: "held-out"\n    version: "1.0.0"\nhyperparams:\n  steps: 5\n',
  'initiatives/0001-first.md':
    '---\nid: 0001-first\ntitle: First\nstatus: proposed\nversion_target: v0.1\n---\nText\n',
}

async function check(changes: Record<string, string>, hooks?: CheckHooks): Promise<string[]> {
  const files = Object.entries({ ...GOOD, ...changes }).map(([path, text]) => ({
    path,
    bytes: Buffer.from(text),
  }))
  const { findings } = await checkProject(files, hooks)
  return findings.map(
    ({ severity, path, line, field, message }) => `${severity} ${path}:${line} ${field}: ${message}`,
  )
}

test('nothing is said about a project in the published form', async () => {
  expect(await check({})).toEqual([])
})

test('what is read leniently is a warning with the line of the field', async () => {
  const model = 'slug: "small"\nname: "Small"\nversion: 1\nblocks: []\nsize: "quick"\ninputShape: [3]\n'
  expect(await check({ 'models/small.yaml': model })).toEqual([
    'warning models/small.yaml:1 slug: is read as "id"',
    'warning models/small.yaml:3 version: should be a text of three numbers, such as "1.0.0"',
    'warning models/small.yaml:6 inputShape: is read as "input_shape"',
  ])
})

test('what cannot be read is an error with its line, and the other files are checked all the same', async () => {
  const found = await check({
    'models/small.yaml': 'id: "small"\nblocks:\n  - {name: "x"}\n',
    'evals/held-out.yaml': 'id: held-out\n: : :\n  - [',
  })
  expect(found.filter((line) => line.startsWith('error'))).toEqual([
    expect.stringMatching(/^error evals\/held-out.yaml:2 null: is not valid YAML/),
    expect.stringMatching(/^error models\/small.yaml:3 blocks\.0\.type: /),
    expect.stringMatching(/^error runs\/first.yaml:9 evals\.0: the project has no eval "held-out"/),
  ])
})

test.each([
  [
    'a name that differs from the id',
    { 'models/other.yaml': 'id: "odd"\nname: "x"\nversion: "1.0.0"\nblocks: []\n' },
    'error models/other.yaml:1 id: is "odd", and the file is called "other"',
  ],
  [
    'hyphens for underscores',
    { 'models/a-b.yaml': 'id: "a_b"\nname: "x"\nversion: "1.0.0"\nblocks: []\n' },
    'warning models/a-b.yaml:1 id: is "a_b"',
  ],
  [
    'a slug twice',
    { 'models/small.json': '{"id": "small", "name": "x", "version": "2.0.0", "blocks": []}' },
    'error models/small.yaml:1 id: the model "small" is in models/small.json too',
  ],
  [
    'a version in the wrong folder',
    { 'versions/models/small/0.9.0/small.yaml': 'id: "small"\nname: "x"\nversion: "0.8.0"\nblocks: []\n' },
    'error versions/models/small/0.9.0/small.yaml:3 version: is 0.8.0, and the folder is called "0.9.0"',
  ],
  [
    'a citation of nothing',
    { 'literature/references.bib': '@book{euler, title = {E}}' },
    'error evals/held-out.yaml:9 citations.0: "gauss" is not in the literature folder',
  ],
  [
    'an unknown version',
    {
      'runs/second.yaml':
        'id: "second"\nprior: {id: "linear-regression", version: "1.0.0"}\nmodel: {id: "small", version: "7.0.0"}\nevals: []\nhyperparams: {}\n',
    },
    'error runs/second.yaml:3 model.version: the model "small" has no version 7.0.0',
  ],
  [
    'an unknown hyperparameter',
    {
      'runs/second.yaml':
        'id: "second"\nprior: {id: "linear-regression", version: "1.0.0"}\nhyperparams:\n  stesp: 5\n',
    },
    'error runs/second.yaml:4 hyperparams.stesp: is not known here',
  ],
  [
    'a status that does not exist',
    { 'initiatives/0002-b.md': '---\nid: 0002-b\ntitle: B\nstatus: maybe\nversion_target: v0.1\n---\n' },
    'warning initiatives/0002-b.md:4 status: must be one of',
  ],
  [
    'a prior without code',
    {
      'priors/mine/prior.yaml':
        'id: "mine"\nname: "x"\nversion: "1.0.0"\nkind: "tabular"\nparameters: {}\noutputs: {variables: []}\n',
    },
    'warning priors/mine/prior.yaml:1 implementation: the file prior.py is missing',
  ],
] as const)('%s is found', async (_, changes, expected) => {
  expect(await check(changes as Record<string, string>)).toContainEqual(expect.stringContaining(expected))
})

test('what a run of the past records is no error, because it need not be possible here', async () => {
  const past =
    'id: "past"\nprior: {slug: "gone", version: "1.0.0"}\nmodel: {slug: "lost"}\nevals: [{slug: "held-out"}]\nhyperparams: {adapter: "x"}\ncompute: {target: "remote", runner_id: "r1"}\nresults: {status: "ok", checkpoint_dir: "/srv"}\n'
  const found = await check({ 'runs/past.yaml': past })
  expect(found.length).toBeGreaterThan(3)
  expect(found.filter((line) => line.startsWith('error'))).toEqual([])
  expect(found).toContainEqual(expect.stringContaining('results.checkpoint_dir: tells of a machine'))
})

test('what the recipe leads to is checked where the run file says it', async () => {
  const checkRecipe = () => {
    throw new RecipeError('hyperparams.steps', 'is too few')
  }
  expect(await check({}, { checkRecipe })).toEqual(['error runs/first.yaml:12 hyperparams.steps: is too few'])
})
