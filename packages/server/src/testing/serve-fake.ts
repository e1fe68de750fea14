/**
 * A server over the fake predictor as a process of its own, for tests that kill it: `node serve-fake.ts '<json>'` with
 * `env` and the fake's options.
 */
import { runServer } from '../main.ts'
import { FakePredictor } from './fake-predictor.ts'

const { env, ...options } = JSON.parse(process.argv[2] ?? '{}')
process.exitCode = await runServer({ env, predictor: new FakePredictor(options), print: console.log })
