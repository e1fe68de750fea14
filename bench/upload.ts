/**
 * How much the server's memory grows while it takes an upload of 1 GiB: one PUT of bytes that are generated on the way,
 * resident memory of the server's process (not of the engine's, which are idle) sampled all along.
 *
 *   npm run bench:upload
 *   npm run bench:upload -- --mib 256 --rounds 1
 */
import { request } from 'node:http'
import { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { combineCrc32c, crc32c, encodeCrc32c } from '../packages/server/src/domain/uploads/crc32c.ts'
import { startServer, type TestServer } from '../tests/support/start-server.ts'
import { median } from './serving/median.ts'
import { residentMiB } from './serving/process-memory.ts'

const MIB = 2 ** 20
/** What the server has taken before the first measurement, so that code is loaded and compiled. */
const WARM_UP_MIB = 16
const SAMPLE_EVERY_MS = 10
const SETTLE_MS = 1000

interface Round {
  /** Resident memory in MiB: of the idle server, and how much more at most while the upload ran and a second after. */
  idleMiB: number
  growthMiB: number
  leftMiB: number
  seconds: number
}

const { values } = parseArgs({
  options: { mib: { type: 'string', default: '1024' }, rounds: { type: 'string', default: '3' } },
})
const sizeMiB = Number(values.mib)
const rounds: Round[] = []
for (let i = 0; i < Number(values.rounds); i++) {
  const round = await measure(sizeMiB)
  rounds.push(round)
  const { idleMiB, growthMiB, leftMiB, seconds } = round
  console.log(
    `round ${i + 1}: ${idleMiB.toFixed(0)} MiB before, at most ${growthMiB.toFixed(1)} MiB more, ` +
      `${leftMiB.toFixed(1)} MiB more a second later; ${seconds.toFixed(1)} s`,
  )
}
const middle = (figure: (round: Round) => number) => median(rounds.map(figure)).toFixed(1)
console.log(
  `\n${sizeMiB} MiB in one PUT, median of ${rounds.length}: the server grows by ${middle((round) => round.growthMiB)} MiB ` +
    `at most; ${middle((round) => sizeMiB / round.seconds)} MiB/s, on disk when acknowledged`,
)

/** One upload to a server of its own, whose folder is removed afterwards. */
async function measure(mib: number): Promise<Round> {
  const server = await startServer({ env: { POSTERIOR_LOG_LEVEL: 'error' } })
  try {
    await upload(server, WARM_UP_MIB)
    await delay(SETTLE_MS)
    const idleMiB = residentMiB(server.child.pid!)
    let peakMiB = idleMiB
    const sampling = setInterval(() => {
      peakMiB = Math.max(peakMiB, residentMiB(server.child.pid!))
    }, SAMPLE_EVERY_MS)
    const start = performance.now()
    await upload(server, mib)
    const seconds = (performance.now() - start) / 1000
    await delay(SETTLE_MS)
    clearInterval(sampling)
    const leftMiB = residentMiB(server.child.pid!) - idleMiB
    return { idleMiB, growthMiB: peakMiB - idleMiB, leftMiB, seconds }
  } finally {
    await server.stop()
  }
}

/** Prepare an upload and PUT its features, with a checksum that the server has to find as well. */
async function upload(server: TestServer, mib: number): Promise<void> {
  const block = Buffer.allocUnsafe(MIB)
  for (let i = 0; i < MIB; i += 4) block.writeInt32LE(Math.imul(i, 2_654_435_761) ^ mib, i)
  const blockCrc = crc32c(block)
  let crc = 0
  for (let i = 0; i < mib; i++) crc = combineCrc32c(crc, blockCrc, MIB)
  const info = { format: 'csv', use_chunks: false }
  const answer = await fetch(`${server.url}/tabpfn/prepare_train_set_upload`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      x_train_info: { ...info, hash: encodeCrc32c(crc), size_bytes: mib * MIB },
      y_train_info: info,
    }),
  })
  const prepared = (await answer.json()) as { x_train_info: { signed_urls: string[] } }
  if (!answer.ok) throw new Error(`Expected 200 from the prepare call, got ${JSON.stringify(prepared)}.`)
  await put(prepared.x_train_info.signed_urls[0]!, block, mib)
}

function put(url: string, block: Buffer, times: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-length': block.length * times }
    const sending = request(url, { method: 'PUT', headers }, (answer) => {
      answer.resume().once('end', () => {
        if (answer.statusCode === 200) resolve()
        else reject(new Error(`Expected 200 from the PUT, got ${answer.statusCode}.`))
      })
    })
    sending.once('error', reject)
    Readable.from(repeat(block, times)).pipe(sending)
  })
}

function* repeat(block: Buffer, times: number): Generator<Buffer> {
  for (let i = 0; i < times; i++) yield block
}
