/** init, validate, sample and export on a folder. */
import { execFileSync } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { readTar } from '@posterior/project'
import { describe, expect, test } from 'vitest'
import { tempDir } from '../../../../tests/support/temp-dir.ts'
import { runInProcess } from '../testing/run-in-process.ts'

async function starter(): Promise<string> {
  const folder = join(tempDir(), 'lines')
  expect(await runInProcess(['init', folder])).toMatchObject({ code: 0 })
  return folder
}

describe('init', () => {
  test('the project is valid in every point, and packs to the files that were written', async () => {
    const folder = await starter()
    const { code, stdout, stderr } = await runInProcess(['validate', folder])
    expect({ code, stdout }, stderr).toEqual({ code: 0, stdout: '' })
    const out = join(folder, 'a.tar.gz')
    expect(await runInProcess(['export', folder, '--out', out])).toMatchObject({ code: 0, stderr: '' })
    for (const { path, bytes } of readTar(gunzipSync(readFileSync(out)), { maxEntries: 100 })) {
      expect(String(bytes), path).toBe(readFileSync(join(folder, path), 'utf8'))
    }
  })

  test('what is there is never overwritten, and then nothing is written', async () => {
    const folder = tempDir()
    writeFileSync(join(folder, 'README.md'), 'mine')
    const { code, stderr } = await runInProcess(['init', folder])
    expect([code, stderr]).toEqual([1, expect.stringContaining('README.md already; nothing was written')])
    expect(readdirSync(folder)).toEqual(['README.md'])
    expect(await runInProcess(['init', folder, '--name', '  '])).toMatchObject({ code: 2 })
  })
})

describe('validate', () => {
  test('an error has its file and line, and the exit code is 1', async () => {
    const folder = await starter()
    appendFileSync(join(folder, 'runs/first.yaml'), '  stesp: 5\n')
    const { code, stdout } = await runInProcess(['validate', folder])
    expect([code, stdout]).toEqual([
      1,
      expect.stringMatching(/^runs\/first\.yaml:\d+: error: hyperparams\.stesp: is not known here\n$/),
    ])
    const { valid, errors, findings } = JSON.parse(
      (await runInProcess(['validate', folder, '--json'])).stdout,
    )
    expect([valid, errors, findings[0].path, findings[0].field]).toEqual([
      false,
      1,
      'runs/first.yaml',
      'hyperparams.stesp',
    ])
  })

  test.each([
    ['prior.overrides.noise_scale', 'noise_scale:', 'noise_scale: -1 #', 'must be a number'],
    ['prior', 'id: "linear-regression"', 'id: "no-such-prior"', 'There is no prior "no-such-prior"'],
    ['model', 'id: "small"', 'id: "huge"', 'the project has no model "huge"'],
  ])('a run that cannot be trained is an error at %s', async (field, from, to, message) => {
    const folder = await starter()
    const file = join(folder, 'runs/first.yaml')
    const text = readFileSync(file, 'utf8').replace(
      / {4}noise_scale:[\s\S]*?0\.3\n/,
      '    noise_scale: 0.2\n',
    )
    writeFileSync(file, text.replace(from, to))
    const { findings } = JSON.parse((await runInProcess(['validate', folder, '--json'])).stdout)
    expect(findings).toEqual([
      expect.objectContaining({ severity: 'error', field, message: expect.stringContaining(message) }),
    ])
  })

  test('a model that fits other rows than the prior draws is an error', async () => {
    const folder = await starter()
    appendFileSync(join(folder, 'models/small.yaml'), 'd_in: 4\n')
    const { code, stdout } = await runInProcess(['validate', folder])
    expect([code, stdout]).toEqual([
      1,
      expect.stringContaining('has d_in 4, and rows of linear-regression have 1'),
    ])
  })

  test('code that fails is an error at its line, and where a run wants it', async () => {
    const folder = await starter()
    const file = join(folder, 'priors/bends/prior.ts')
    writeFileSync(file, readFileSync(file, 'utf8').replace('Math.tanh', 'Math.tan_h'))
    const { code, stdout } = await runInProcess(['validate', folder])
    expect([code, stdout]).toEqual([
      1,
      expect.stringMatching(
        /^priors\/bends\/prior\.ts:6: error: TypeError: not a function\nruns\/bends\.yaml:3: error: prior: /,
      ),
    ])
  })

  test('blocks that do not fit each other are an error at the block', async () => {
    const folder = await starter()
    const blocks =
      'blocks:\n  - {type: "tabular_embedder", config: {d_model: 32}}\n  - {type: "no_such_block"}\n  - {type: "scalar_head", config: {d_model: 32}}\n'
    writeFileSync(join(folder, 'models/own.yaml'), `id: "own"\nname: "Own"\nversion: "1.0.0"\n${blocks}`)
    const { code, stdout } = await runInProcess(['validate', folder])
    expect([code, stdout]).toEqual([
      1,
      expect.stringMatching(/^models\/own\.yaml:6: error: blocks\.1: .*no_such_block/),
    ])
  })

  test('a folder without a project is no project', async () => {
    expect(await runInProcess(['validate', tempDir()])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('"posterior init" makes one'),
    })
    expect(await runInProcess(['validate', '/no/such/folder'])).toMatchObject({ code: 1 })
  })
})

describe('sample', () => {
  test('the JSON has every declared output, and the same command says the same', async () => {
    const args = ['sample', 'linear-regression', '--count', '2', '--set', 'num_points=50..60', '--json']
    const [first, second] = await Promise.all([runInProcess(args), runInProcess(args)])
    expect(first).toEqual(second)
    const { outputs, overrides, samples } = JSON.parse(first.stdout)
    expect(overrides).toEqual({ num_points: [50, 60] })
    expect(samples.map(({ seed }: { seed: number }) => seed)).toEqual([42, 43])
    for (const { name } of outputs) expect(samples[0]).toHaveProperty(name)
    expect(samples[0].X).toHaveLength(samples[0].y.length)
  })

  test('without --json there is something to look at, and without a prior the list of them', async () => {
    const { stdout } = await runInProcess([
      'sample',
      'coin_flip',
      '--count',
      '3',
      '--seed',
      '7',
      '--set',
      'num_flips=12',
    ])
    expect(stdout).toMatch(/seed +num_flips/)
    expect(stdout).toMatch(/^7 +12 /m)
    expect(stdout).toContain('... 7 more rows')
    expect((await runInProcess(['sample'])).stdout).toMatch(/^hierarchical-normal +\d/m)
  })

  test('a prior of the project goes before the catalogue, and is listed', async () => {
    const folder = await starter()
    const args = ['sample', 'bends', '--dir', folder, '--count', '2', '--set', 'num_points=40', '--json']
    const { code, stdout, stderr } = await runInProcess(args)
    expect(code, stderr).toBe(0)
    const { prior_id: id, samples } = JSON.parse(stdout)
    expect([id, samples[0].X.length, samples[1].y.length]).toEqual(['bends', 40, 40])
    expect((await runInProcess(['sample', '--dir', folder])).stdout).toMatch(/^bends +0\.1\.0 +project/)
    const other = await runInProcess(['sample', 'coin-flip', '--dir', folder, '--count', '1', '--json'])
    expect(JSON.parse(other.stdout).prior_id).toBe('coin_flip')
  })

  test.each([
    [['sample', 'nothing'], 1, 'There is no prior "nothing"'],
    [['sample', 'coin-flip', '--set', 'num_flips'], 2, '--set takes NAME=VALUE'],
    [['sample', 'coin-flip', '--set', 'heads=1'], 1, 'no parameter "heads"'],
    [['sample', 'coin-flip', '--set', 'num_flips=1e9'], 1, 'num_flips must be a whole number'],
    [['sample', 'coin-flip', '--set', 'num_flips=5', '--set', 'num_flips=6'], 2, 'twice'],
  ])('%j is refused', async (args, code, message) => {
    expect(await runInProcess(args)).toMatchObject({ code, stderr: expect.stringContaining(message) })
  })
})

describe('export', () => {
  test('nothing of this machine goes into the archive, whatever form the files have', async () => {
    const folder = await starter()
    mkdirSync(join(folder, 'runs/first'))
    writeFileSync(join(folder, 'runs/first/model.safetensors'), 'weights')
    writeFileSync(join(folder, '.env'), 'TOKEN=secret')
    writeFileSync(join(folder, 'notes.txt'), 'secret')
    writeFileSync(
      join(folder, 'runs/old.yaml'),
      'prior: {slug: "linear-regression"}\nevals: []\nhyperparams: {steps: 5}\ncompute: {target: "remote", remote_ssh_endpoint: "root@secret"}\nresults: {status: "ok", checkpoint_dir: "/secret"}\n',
    )
    mkdirSync(join(folder, 'priors/old/wheels'), { recursive: true })
    writeFileSync(join(folder, 'priors/old/prior.yaml'), 'name: Old\nversion: 1\nrunner_id: secret\n')
    writeFileSync(join(folder, 'priors/old/prior.py'), 'x = 1\n')
    writeFileSync(join(folder, 'priors/old/wheels/a.whl'), 'zip')
    const out = join(folder, 'a.tar.gz')
    const { code, stderr } = await runInProcess(['export', folder, '-o', out])
    expect([code, stderr]).toEqual([0, 'left out: priors/old/wheels/a.whl\n'])
    const bytes = readFileSync(out)
    expect(String(gunzipSync(bytes))).not.toContain('secret')
    expect(execFileSync('tar', ['tzf', out], { encoding: 'utf8' }).trim().split('\n').sort()).toEqual([
      'README.md',
      'evals/in-context-regression-ols.yaml',
      'models/small.yaml',
      'priors/bends/prior.md',
      'priors/bends/prior.ts',
      'priors/bends/prior.yaml',
      'priors/old/prior.py',
      'priors/old/prior.yaml',
      'project.yaml',
      'runs/bends.yaml',
      'runs/first.yaml',
      'runs/old.yaml',
    ])
    expect(execFileSync('tar', ['xzOf', out, 'runs/old.yaml'], { encoding: 'utf8' })).toContain(
      'status: "ok"',
    )
    await runInProcess(['export', folder, '-o', out])
    expect(readFileSync(out)).toEqual(bytes)
  })

  test('a run of the past that cannot be read here is left out, with the reason', async () => {
    const folder = await starter()
    writeFileSync(
      join(folder, 'runs/past.yaml'),
      'prior: {slug: "x"}\nhyperparams: {clip_grad: 1}\nresults: {status: "ok"}\n',
    )
    const { code, stderr } = await runInProcess(['export', folder, '-o', join(folder, 'a.tar.gz')])
    expect([code, stderr]).toEqual([0, 'left out: runs/past.yaml: hyperparams.clip_grad is not known here\n'])
  })

  test('a file that cannot be read is an error, and no archive is written', async () => {
    const folder = await starter()
    appendFileSync(join(folder, 'models/small.yaml'), ': : :\n')
    const out = join(folder, 'a.tar.gz')
    const { code, stderr } = await runInProcess(['export', folder, '-o', out])
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/models\/small\.yaml:\d+: error: is not valid YAML/),
    ])
    expect(existsSync(out)).toBe(false)
  })

  test('a server has to be named, with a token', async () => {
    expect((await runInProcess(['export', 'lines@'])).stderr).toContain('POSTERIOR_URL')
    expect((await runInProcess(['export', 'lines@http://127.0.0.1:9'])).stderr).toContain('POSTERIOR_TOKEN')
  })
})
