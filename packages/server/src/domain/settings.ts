import { DEFAULT_MODEL_VERSION, MODEL_VERSIONS, type Settings } from '@posterior/contracts'
import type { Limits } from './limits.ts'

/** Sizes above which clients switch to asynchronous fits, and how long they wait for one. */
const ASYNC_SETTINGS = { use_above_trainset_size_bytes: 52_428_800, poll_timeout_secs: 7200 }

/** The settings object; every model version has the limits of this installation. */
export function buildSettings(limits: Limits): Settings {
  return {
    default_model_version: DEFAULT_MODEL_VERSION,
    max_model_limit: limits.model,
    model_limits: Object.fromEntries(MODEL_VERSIONS.map((version) => [version, limits.model])),
    dataset_max_size_bytes: limits.maxFileBytes,
    async_settings: ASYNC_SETTINGS,
  }
}
