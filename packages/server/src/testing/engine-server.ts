/** A server over the real engine with a tiny model of random weights, in a folder that outlives its restarts. */
import { join } from 'node:path'
import { saveTinyModel, type TinyModelOptions } from '../../../../tests/support/tiny-model.ts'
import type { Environment } from '../config.ts'
import { startServer } from '../start.ts'
import { ADMIN_TOKEN, request, type TestServer, temporaryFolder } from './test-server.ts'

export interface EngineServer extends TestServer {
  /** Holds `data` and `models`. */
  folder: string
  /** Stop and start again on the same folder, at another URL. */
  restart(): Promise<void>
  saveModel(options?: TinyModelOptions): Promise<unknown>
}

/** Start one; `close` removes its folder. @param models what `saveTinyModel` takes, one each; by default one */
export async function startEngineServer(
  options: { env?: Environment; models?: readonly TinyModelOptions[] } = {},
): Promise<EngineServer> {
  const folder = await temporaryFolder()
  const [dataDir, models] = [join(folder.path, 'data'), join(folder.path, 'models')]
  const saveModel = (model: TinyModelOptions = {}) => saveTinyModel(models, model)
  for (const model of options.models ?? [{}]) await saveModel(model)
  const start = () =>
    startServer({
      env: {
        POSTERIOR_PORT: '0',
        POSTERIOR_DATA_DIR: dataDir,
        POSTERIOR_MODELS_DIR: models,
        POSTERIOR_ADMIN_TOKEN: ADMIN_TOKEN,
        POSTERIOR_LOG_LEVEL: 'silent',
        POSTERIOR_THREADS: '1',
        POSTERIOR_PROCESSES: '1',
        ...options.env,
      },
    })
  let running = await start()
  return {
    get url() {
      return running.url
    },
    dataDir,
    folder: folder.path,
    call: (method, path, call) => request(running.url, method, path, call),
    saveModel,
    restart: async () => {
      await running.close()
      running = await start()
    },
    close: async () => {
      await running.close()
      await folder.cleanUp()
    },
  }
}
