/**
 * What the TypeScript side computes, for the tests in foundation/ to compare with: `node answer.ts COMMAND ...`.
 *
 *   specs PRESET                      name, shape and role of every weight, as JSON
 *   outputs MODEL INPUTS OUTPUTS      answers of the encode and predict graphs
 *   channels INPUTS OUTPUTS           cell channels of the columns of `values`
 *   ridge INPUTS OUTPUTS              ridge columns of the columns of `values` for the target `y`
 *   predicts MODELS NAME              fit and predict a small table with the engine; prints probabilities and means
 *
 * INPUTS and OUTPUTS are safetensors files.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Predictor } from '@posterior/engine'
import { openSession, type TensorValue } from '@posterior/engine/runtime'
import {
  buildEncodeGraph,
  buildPredictGraph,
  decodeSafetensors,
  encodeSafetensors,
  loadCheckpoint,
  PRESETS,
  type PresetName,
  parameterSpecs,
  type Task,
  type WeightTensor,
} from '@posterior/model'
import {
  cellChannels,
  fitChannels,
  fitRidgeColumns,
  type NumericColumn,
  ridgeColumns,
} from '@posterior/tabular'
import { makeTable } from '../../support/tiny-model.ts'

type Tensors = ReadonlyMap<string, WeightTensor>

function feed(tensors: Tensors, name: string): TensorValue {
  const tensor = tensors.get(name)
  if (!tensor) throw new Error(`the inputs have no tensor "${name}"`)
  return { data: tensor.data as Float32Array<ArrayBuffer>, dims: tensor.shape }
}

async function outputs(folder: string, inputsPath: string, outputsPath: string): Promise<void> {
  const { manifest, weights } = await loadCheckpoint(folder)
  const inputs = decodeSafetensors(readFileSync(inputsPath)).tensors
  const answers = new Map<string, WeightTensor>()
  for (const task of ['classification', 'regression'] as const satisfies Task[]) {
    const config = manifest.architecture
    const encode = await openSession(buildEncodeGraph(config, task, weights).bytes, { threads: 1 })
    const predict = await openSession(buildPredictGraph(config, task, weights).bytes, { threads: 1 })
    const ids = feed(inputs, 'column_ids')
    const context = await encode.run({
      x: feed(inputs, 'x_train'),
      y: feed(inputs, `y_${task}`),
      column_ids: ids,
    })
    const result = await predict.run({ ...context, x: feed(inputs, 'x_test'), column_ids: ids })
    const { data, dims } = Object.values(result)[0]!
    answers.set(task, { shape: dims.map(Number), data: data as Float32Array })
    await encode.release()
    await predict.release()
  }
  writeFileSync(outputsPath, encodeSafetensors(answers))
}

/** `values` [columns, rows] (NaN = missing), `categorical` [columns], `train` [1] to `standard` and `quantile` [rows, columns, 4]. */
function channels(inputsPath: string, outputsPath: string): void {
  const { tensors } = decodeSafetensors(readFileSync(inputsPath))
  const columns = columnsOf(tensors)
  const rows = columns[0]!.values.length
  const fitRows = tensors.get('train')!.data[0]!
  const results = new Map<string, WeightTensor>()
  for (const variant of ['standard', 'quantile'] as const) {
    const cells = cellChannels(fitChannels(columns, { variant, fitRows }), columns)
    results.set(variant, { shape: [rows, columns.length, 4], data: cells })
  }
  writeFileSync(outputsPath, encodeSafetensors(results))
}

function columnsOf(tensors: Tensors): NumericColumn[] {
  const { shape, data } = tensors.get('values')!
  const [count, rows] = shape as [number, number]
  return Array.from({ length: count }, (_, j) => ({
    name: `x${j}`,
    values: Float64Array.from(data.subarray(j * rows, (j + 1) * rows)),
    categorical: tensors.get('categorical')!.data[j] === 1,
  }))
}

/** `values`, `categorical` and `train` as for channels, `y` [train] to `ridge` [columns, rows]; fails where waves are better. */
function ridge(inputsPath: string, outputsPath: string): void {
  const { tensors } = decodeSafetensors(readFileSync(inputsPath))
  const columns = columnsOf(tensors)
  const rows = columns[0]!.values.length
  const train = tensors.get('train')!.data[0]!
  const slice = (first: number, last: number) =>
    columns.map((column) => ({ ...column, values: column.values.subarray(first, last) }))
  const numbers = Float64Array.from(tensors.get('y')!.data)
  const fitted = fitRidgeColumns(slice(0, train), { numbers }, 0)
  if (!fitted || fitted.state.waves) throw new Error('the regression without waves is not the best one')
  const others = ridgeColumns(fitted.state, slice(train, rows))
  const data = Float32Array.from([...fitted.columns[0]!.values, ...others[0]!.values])
  writeFileSync(outputsPath, encodeSafetensors(new Map([['ridge', { shape: [1, rows], data }]])))
}

async function predicts(models: string, name: string): Promise<void> {
  const contextDir = mkdtempSync(join(tmpdir(), 'foundation-answer-'))
  const predictor = new Predictor({
    modelDirs: [models],
    threads: 1,
    contextCacheBytes: 2 ** 26,
    maxFitBytes: 2 ** 30,
    maxFullRows: 400,
  })
  const train = makeTable(60)
  const answers: Record<string, unknown> = {}
  for (const task of ['classification', 'regression'] as const) {
    const y = { table: task === 'classification' ? train.label : train.number }
    const folder = join(contextDir, task)
    await predictor.fit({ task, model: name, x: { table: train.x }, y, contextDir: folder })
    const output = task === 'classification' ? 'probas' : 'mean'
    const x = { table: makeTable(5, 1).x }
    const answer = await predictor.predict({ contextDir: folder, x, output })
    answers[task] = JSON.parse(
      JSON.stringify(answer, (_, v) => (ArrayBuffer.isView(v) ? [...(v as Float64Array)] : v)),
    )
  }
  await predictor.close()
  rmSync(contextDir, { recursive: true })
  console.log(JSON.stringify(answers))
}

const [command, ...rest] = process.argv.slice(2) as [string, ...string[]]
if (command === 'specs') {
  console.log(JSON.stringify(parameterSpecs(PRESETS[rest[0] as PresetName])))
} else if (command === 'outputs') {
  await outputs(rest[0]!, rest[1]!, rest[2]!)
} else if (command === 'channels') {
  channels(rest[0]!, rest[1]!)
} else if (command === 'ridge') {
  ridge(rest[0]!, rest[1]!)
} else if (command === 'predicts') {
  await predicts(rest[0]!, rest[1]!)
} else {
  throw new Error(`unknown command "${command}"; see the head of this file`)
}
