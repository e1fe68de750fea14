/**
 * A server over the fake predictor as a process of its own, for tests that kill it: `node serve-fake.ts '<json>'` with
 * `env` and the fake's options. Prints one JSON line with its URL.
 */
import { startServer } from '../start.ts'
import { FakePredictor } from './fake-predictor.ts'

const { env, ...options } = JSON.parse(process.argv[2] ?? '{}')
const server = await startServer({ env, predictor: new FakePredictor(options) })
console.log(JSON.stringify({ url: server.url }))
process.on('SIGTERM', () => server.close().then(() => process.exit(0)))
