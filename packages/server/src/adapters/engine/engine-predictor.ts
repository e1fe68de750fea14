import type { FastifyBaseLogger } from 'fastify'
import type { Config } from '../../config.ts'
import type { Predictor } from '../../domain/ports/predictor.ts'

export async function startEnginePredictor(_config: Config, _log: FastifyBaseLogger): Promise<Predictor> {
  throw new Error('engine is not wired yet')
}
